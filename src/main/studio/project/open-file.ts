import { nanoid } from 'nanoid';
import type { ProjectDocument } from '../../../shared/project/document.ts';
import { openProjectFile, type ProjectContents, type ProjectStore } from '../../persistence/index.ts';
import type { EventHub } from '../event-hub.ts';
import type { DocumentHistory } from './history/document-history.ts';
import { readHistory } from './history/read-history.ts';

/** Fact: names the project, whatever its file is called and wherever it lies. */
const idFact = 'id';

export interface OpenedFile {
  readonly store: ProjectStore;
  readonly contents: ProjectContents;
  readonly history: DocumentHistory;
  readonly id: string;
}

/**
 * Opens a project file and reads what is in it; whatever was not as it should be is told as a notice. The caller owns
 * the store.
 * @param newDocument makes a new project; the file must not be there yet
 * @param how `copy`: it was copied a moment ago from one that was open, and is a project of its own. A store: the file
 *   is open still, since an export reads it
 * @throws ThroughlineError as {@link openProjectFile}; nothing is left open then
 */
export async function openFile(
  file: string,
  hub: EventHub,
  newDocument: ProjectDocument | null,
  how: 'opened' | 'copy' | ProjectStore,
): Promise<OpenedFile> {
  const isCopy = how === 'copy';
  const openStill = typeof how === 'object' ? how : null;
  const store = openStill ?? (await openStore(file, hub, newDocument));
  try {
    const stored = await store.contents();
    const contents = how === 'opened' ? stored : { ...stored, crashed: false, backup: null };
    const known = isCopy ? undefined : contents.facts[idFact];
    const id = known ?? nanoid();
    if (known === undefined) await store.setFact(idFact, id);
    const { history, notices } = await readHistory(store, contents);
    if (contents.backup) {
      hub.notice(
        'info',
        'This project was made by an older Throughline and has been brought up to date.',
        `The old file is kept: ${contents.backup}`,
      );
    }
    if (history.readOnly) hub.notice('warning', history.readOnly.message, history.readOnly.hint);
    for (const { message, hint } of notices) hub.notice('warning', message, hint);
    for (const [message, hint] of contentNotices(contents)) hub.notice('warning', message, hint);
    return { store, contents, history, id };
  } catch (error) {
    if (!openStill) await store.close();
    throw error;
  }
}

function openStore(file: string, hub: EventHub, newDocument: ProjectDocument | null): Promise<ProjectStore> {
  return openProjectFile(file, newDocument && JSON.stringify(newDocument), {
    onLost: (error) =>
      error
        ? hub.notice('error', error.message, error.hint)
        : hub.notice('info', `${file} is there again.`, 'What is changed is saved in it as before.'),
  });
}

function contentNotices({ withoutLog, skipped }: ProjectContents): [message: string, hint: string][] {
  const notices: [string, string][] = [];
  if (withoutLog) {
    notices.push([
      'This project was moved or copied while it was open, without its log: what was changed last may be missing.',
      'Close a project before it is moved or copied, or take the file along that ends in "-wal".',
    ]);
  }
  const parts = [
    counted(skipped.chunks, 'chunk'),
    counted(skipped.takes, 'take'),
    counted(skipped.jobs, 'job of the queue', 'jobs of the queue'),
  ].filter((part) => part !== null);
  if (parts.length > 0) {
    notices.push([
      `${parts.join(', ')} could not be read and ${skipped.chunks + skipped.takes + skipped.jobs === 1 ? 'is' : 'are'} left out: the file is damaged there.`,
      'Everything else is as it was saved. What is missing of the film can be made again.',
    ]);
  }
  return notices;
}

function counted(count: number, one: string, many = `${one}s`): string | null {
  if (count === 0) return null;
  return count === 1 ? `1 ${one}` : `${count} ${many}`;
}
