import { isDeepStrictEqual } from 'node:util';
import type { ProjectDocument } from '../../../../shared/project/document.ts';
import type { GoodDocument, ProjectContents, ProjectStore, StoredRevision } from '../../../persistence/index.ts';
import { applyDelta, type DocumentDelta, readDelta } from './document-delta.ts';
import { DocumentHistory, type HistoryNotice, parseDocument } from './document-history.ts';

/** Fact: the text of a storyboard that could not be read, for whoever wants to look into it. */
const unreadableDocument = 'unreadable-document';

/**
 * The document of a project with its undo steps. Where the stored one cannot be read, the newest that can be put
 * together again: what was readable when the project was last opened, with the undo steps since; else the newest named
 * version that can be read. The unreadable text is kept in the file.
 *
 * @throws ThroughlineError `database` if nothing can be read
 */
export async function readHistory(
  store: Pick<ProjectStore, 'fallbacks' | 'setFact' | 'noteGood'>,
  contents: ProjectContents,
): Promise<{ readonly history: DocumentHistory; readonly notices: readonly HistoryNotice[] }> {
  try {
    const history = new DocumentHistory(contents);
    if (!history.readOnly) void store.noteGood().catch(() => {}); // whoever writes next hears of it
    return { history, notices: history.notices };
  } catch (error) {
    const { good, versions } = await store.fallbacks();
    const found = (good && rebuilt(good, contents)) ?? newestReadable(versions, contents);
    if (!found) throw error;
    await store.setFact(unreadableDocument, contents.data);
    const { history, as } = found;
    const notice = {
      message: `The storyboard in this file was damaged. It is shown ${as}.`,
      hint: 'Look it over before you go on. What could not be read is kept in the file.',
    };
    return { history, notices: [notice, ...history.notices] };
  }
}

interface Found {
  readonly history: DocumentHistory;
  /** Completes "It is shown ...". */
  readonly as: string;
}

/** What was readable once, and the steps from there as far as they fit. */
function rebuilt(good: GoodDocument, contents: ProjectContents): Found | null {
  try {
    let document = parseDocument(good.data);
    let at = good.at;
    for (;;) {
      const next = at < contents.at ? stepAfter(contents.revisions, at, document) : null;
      if (!next) break;
      document = next;
      at++;
    }
    const history = new DocumentHistory({ ...contents, data: JSON.stringify(document), at });
    const lost = contents.at - at;
    const as = lost <= 0 ? 'as it was saved last' : `as it was ${lost === 1 ? 'one step' : `${lost} steps`} earlier`;
    return { history, as };
  } catch {
    return null;
  }
}

/** The document after the step that follows `at`; null where there is none, or it does not fit. */
function stepAfter(
  revisions: readonly StoredRevision[],
  at: number,
  document: ProjectDocument,
): ProjectDocument | null {
  const revision = revisions.find(({ id }) => id === at + 1);
  if (!revision) return null;
  try {
    const delta = readDelta(revision.delta);
    return fits(document, delta) ? applyDelta(document, delta, 'forwards') : null;
  } catch {
    return null;
  }
}

/** Whether every shot that the step changes is as it was when the step was made: numbers of steps are used again. */
function fits(document: ProjectDocument, { shots }: DocumentDelta): boolean {
  const byId = new Map(document.shots.map((shot) => [shot.id, shot]));
  return shots.every(([was, is]) => isDeepStrictEqual(byId.get((was ?? is)?.id ?? '') ?? null, was));
}

function newestReadable(versions: readonly { name: string; data: string }[], contents: ProjectContents): Found | null {
  for (const { name, data } of versions) {
    try {
      const history = new DocumentHistory({ ...contents, data, at: 0, revisions: [] }, 'forget the steps');
      return { history, as: `as it was in the version "${name}"` };
    } catch {} // an older one may be readable
  }
  return null;
}
