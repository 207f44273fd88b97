import type { ProjectId, ProjectState } from '../../shared/api/types.ts';
import type { ShotId } from '../../shared/project/document.ts';
import { decodeText } from '../../shared/story-import/decode.ts';
import { maxScriptSize } from '../../shared/story-import/source.ts';
import {
  allSent,
  api,
  attempt,
  desktopBridge,
  forProject,
  heard,
  notify,
  revisionOf,
  selectShots,
  showCutOf,
  shownError,
  untilSeen,
  useStudio,
} from '../state/index.ts';
import { openDialog, type Script } from '../state/view.ts';
import { activePlace, newShotChunks } from './shots.ts';

/** What may be lost by leaving the open project: nothing, unless the person says so when asked. */
type Leave<Answer> = (discard: { readonly discard?: ProjectId }) => Promise<Answer>;

/**
 * Does what leaves the open project. Where its changes cannot be saved, asks what is to become of them.
 * @param andThen goes on with the answer, which comes before this window knows what it says
 * @returns false where it failed, which was told
 */
async function leaving<Answer>(
  leave: Leave<Answer>,
  andThen: (answer: Answer) => Promise<void> = async () => {},
): Promise<boolean> {
  const { project } = forProject();
  await allSent();
  let answer: Answer;
  try {
    answer = await leave({});
  } catch (error) {
    const shown = shownError(error);
    if (shown.code !== 'unsaved') {
      await attempt(Promise.reject(error));
      return false;
    }
    const discard = async () => void (await attempt(leave({ discard: project }).then(andThen)));
    openDialog({ kind: 'unsaved', message: shown.message, hint: shown.hint, discard });
    return true;
  }
  await andThen(answer);
  return true;
}

/** @returns false where it failed, which was told */
export async function openFile(file: string): Promise<boolean> {
  return leaving((discard) => api.projects.open({ file, ...discard }));
}

export async function openSample(): Promise<void> {
  await leaving((discard) => api.projects.openSample(discard));
}

export async function createProject(
  title = 'Untitled',
  andThen?: (created: ProjectState) => Promise<void>,
): Promise<void> {
  await leaving((discard) => api.projects.create({ title, ...discard }), andThen);
}

/** Asks for a project or script: with the system's dialog, or with ours where the host has none. */
export async function openProject(): Promise<void> {
  if (useStudio.getState().host?.host === 'browser') {
    openDialog({ kind: 'file', purpose: 'open-project' });
    return;
  }
  const chosen = await attempt(api.dialogs.chooseFile({ purpose: 'open-project' }));
  if (chosen) await openFile(chosen.file);
}

export async function duplicateProject(): Promise<void> {
  if (useStudio.getState().host?.host === 'browser') {
    openDialog({ kind: 'file', purpose: 'save-project' });
    return;
  }
  const suggestion = `${useStudio.getState().document?.title ?? 'Story'} copy.throughline`;
  const chosen = await attempt(api.dialogs.chooseFile({ purpose: 'save-project', suggestion }));
  if (chosen) await saveAs(chosen.file);
}

/** @returns false where it failed, which was told */
export async function saveAs(file: string): Promise<boolean> {
  const at = forProject();
  await allSent();
  const saved = await attempt(api.projects.saveAs({ ...at, file }));
  if (saved) notify({ level: 'info', message: `Saved as ${saved.file}.` });
  return saved !== undefined;
}

export async function closeProject(): Promise<void> {
  const at = forProject();
  await leaving((discard) => api.projects.close({ ...at, ...discard }));
}

/** Text that was pasted or typed, as a file. Lines that are each a JSON object are a script of several stories. */
export function scriptOfText(text: string): Script {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const listed = lines.length > 1 && lines.every((line) => /^\s*\{.*\}\s*$/.test(line));
  return { name: listed ? 'pasted.jsonl' : 'pasted.txt', text };
}

/** The script in a file; null, said in a notice, where the file is too big for one. */
export async function scriptOfFile(file: File): Promise<Script | null> {
  if (file.size > maxScriptSize) {
    notify({ level: 'error', message: `${file.name} is too big to be a script.`, hint: 'Scripts have at most 20 MB.' });
    return null;
  }
  const path = desktopBridge()?.pathForFile(file);
  return {
    ...{ name: file.name, ...decodeText(new Uint8Array(await file.arrayBuffer())) },
    ...(path ? { file: path } : {}),
  };
}

/** Opens a project that was dropped or pasted; of a script it shows first what it would become. */
export async function takeFile(file: File): Promise<void> {
  if (file.name.endsWith('.throughline')) {
    const path = desktopBridge()?.pathForFile(file);
    if (path) await openFile(path);
    else {
      notify({
        level: 'info',
        message: 'A browser does not say where a dropped project lies.',
        hint: 'Open it by its path instead: Menu, Open…',
      });
    }
    return;
  }
  const script = await scriptOfFile(file);
  if (script) openDialog({ kind: 'import', script });
}

/** Puts a script's shots after the selected shot on the active cut, as long as new shots are where it says no length. */
export async function insertScript(script: Script, options: ImportOptions = {}): Promise<void> {
  const place = { place: activePlace(), chunksPerPrompt: newShotChunks() };
  const brought = await importScript(script, { ...options, ...(useStudio.getState().project ? place : {}) });
  if (!brought || brought.first.length === 0 || !(await untilSeen(brought.project, brought))) return;
  selectShots(brought.first);
  showCutOf(brought.first[0] as ShotId);
}

type ImportOptions = Omit<Parameters<typeof api.document.importScript>[0], keyof Script | 'project' | 'revision'>;

/** What came of bringing a script in. */
interface Brought {
  readonly project: ProjectId;
  /** In which the project has it; this window may not know it yet. */
  readonly revision: number;
  /** The shots of the first story. */
  readonly first: readonly ShotId[];
}

/**
 * Brings a script's stories in as branches from the start; with no project open, into a new one.
 * @returns undefined where that failed, which has been said
 */
export async function importScript(script: Script, options: ImportOptions = {}): Promise<Brought | undefined> {
  const open = useStudio.getState().project?.id;
  if (open !== undefined) return bringIn(open, script, options);
  let brought: Brought | undefined;
  await createProject(script.name.replace(/\.[^.]*$/, ''), async (created) => {
    heard(created.id, created);
    brought = await bringIn(created.id, script, options);
  });
  return brought;
}

async function bringIn(project: ProjectId, script: Script, options: ImportOptions = {}): Promise<Brought | undefined> {
  await allSent();
  const answer = await attempt(api.document.importScript({ ...revisionOf(project), ...script, ...options }));
  if (!answer) return;
  heard(project, answer);
  notify({
    level: answer.warnings.length > 0 ? 'warning' : 'info',
    message: `Brought in ${answer.shots} ${answer.shots === 1 ? 'shot' : 'shots'} from ${script.name}.`,
    hint: answer.warnings.join(' '),
  });
  return { project, revision: answer.revision, first: answer.first };
}

/** A new project with a small story in it. */
export async function beginFrom(title: string, script: Script): Promise<void> {
  await createProject(title, async (created) => {
    heard(created.id, created);
    await bringIn(created.id, script);
  });
}
