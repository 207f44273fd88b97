import type { Changed, ProjectId } from '../../shared/api/types.ts';
import { useStudio } from './studio.ts';

/** The newest revision that an answer spoke of, which comes before its event. */
let answered: Changed & { readonly project: ProjectId } = { project: '', revision: 0 };

/** What a call about the open project is made for. Take it before anything is awaited: the project may be another then. */
export function forProject(): { readonly project: ProjectId } {
  return { project: useStudio.getState().project?.id ?? noProject };
}

/** The open project and the newest revision of it that this window knows. */
export function atRevision(): { readonly project: ProjectId; readonly revision: number } {
  return revisionOf(forProject().project);
}

/** A project, and the newest revision of it that this window knows. */
export function revisionOf(project: ProjectId): { readonly project: ProjectId; readonly revision: number } {
  const open = useStudio.getState().project;
  const seen = open?.id === project ? open.revision : 0;
  return { project, revision: Math.max(seen, answered.project === project ? answered.revision : 0) };
}

/** Takes note of the revision that an answer spoke of. */
export function heard(project: ProjectId, { revision }: Changed): void {
  if (answered.project !== project || revision > answered.revision) answered = { project, revision };
}

/** Named where none is open: the studio refuses it with its sentence. */
const noProject = 'none';
