import type { ShotId } from '../../shared/project/document.ts';
import { fromOn } from '../../shared/project/tree.ts';
import {
  allSent,
  api,
  attempt,
  endTyping,
  forProject,
  heard,
  notify,
  revisionOf,
  useSelection,
  useStory,
  useStudio,
} from '../state/index.ts';

/** What the generate button may be asked for. */
export type GenerateScope = 'shot' | 'cut' | 'stale';

/** The shots a scope means now: of what they lack, and of what comes before them, everything is made. */
export function shotsOf(scope: GenerateScope): ShotId[] {
  const { shotIds, leaf } = useSelection.getState();
  const { document, statuses, cuts } = useStory.getState();
  switch (scope) {
    case 'shot':
      return [...shotIds];
    case 'cut':
      return cuts.find((cut) => cut.leaf === leaf)?.shots.map(({ id }) => id) ?? [];
    case 'stale':
      return (
        document?.shots
          .filter(({ id, prompt }) => {
            const state = statuses.get(id)?.state;
            return prompt.trim() !== '' && (state === 'stale' || state === 'partial' || state === 'empty');
          })
          .map(({ id }) => id) ?? []
      );
  }
}

/** What Ctrl+Enter means: the selected shots, or the active cut where none is selected. */
export function defaultScope(): GenerateScope {
  return useSelection.getState().shotIds.size > 0 ? 'shot' : 'cut';
}

export async function generate(scope: GenerateScope = defaultScope()): Promise<void> {
  await generateShots(shotsOf(scope));
}

/** Makes a shot anew, and what follows it on the active cut, up to a shot that cannot be made. */
export async function regenerateFrom(shotId: ShotId): Promise<void> {
  const { cuts, plan } = useStory.getState();
  const { leaf } = useSelection.getState();
  const through = cuts.filter(({ shots }) => shots.some(({ id }) => id === shotId));
  const cut = through.find((candidate) => candidate.leaf === leaf) ?? through[0];
  await generateShots(cut ? fromOn(cut, shotId, plan?.problems ?? new Map()) : [shotId]);
}

export async function generateShots(shotIds: readonly ShotId[]): Promise<void> {
  if (shotIds.length === 0) {
    notify({ level: 'info', message: 'There is nothing to generate here.' });
    return;
  }
  const { plan, byId } = useStory.getState();
  const problem = shotIds.map((id) => plan?.problems.get(id)).find((found) => found !== undefined);
  if (problem) {
    notify({ level: 'warning', message: problem.message, hint: problem.hint });
    return;
  }
  endTyping();
  const { project } = forProject();
  await allSent();
  const answer = await attempt(
    api.queue.generate({ ...revisionOf(project), shotIds: shotIds.filter((id) => byId.has(id)) }),
  );
  if (answer && answer.jobId === null) notify({ level: 'info', message: 'Everything here is fresh already.' });
}

export async function newTake(shotId: ShotId): Promise<void> {
  endTyping();
  const { project } = forProject();
  await allSent();
  const answer = await attempt(api.queue.newTake({ ...revisionOf(project), shotId }));
  if (answer) heard(project, answer);
}

/** Cancels the job that runs; what it has made stays. */
export async function cancelRunning(): Promise<void> {
  const job = useStudio.getState().queue.jobs.find(({ state }) => state === 'running' || state === 'paused');
  if (job) await attempt(api.queue.cancel({ ...forProject(), jobId: job.id }));
}

export async function togglePause(): Promise<void> {
  await attempt(useStudio.getState().queue.paused ? api.queue.resume(forProject()) : api.queue.pause(forProject()));
}

/** Keeps showing what the shot shows now, whatever its recipe says; null lets it follow its recipe again. */
export function shownKeys(shotId: ShotId): string[] | null {
  const chunks = useStory.getState().statuses.get(shotId)?.chunks ?? [];
  const keys = chunks.flatMap(({ shown }) => (shown === null ? [] : [shown]));
  return keys.length === chunks.length && keys.length > 0 ? keys : null;
}
