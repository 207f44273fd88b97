import { decodeText, type TextEncoding } from '../../shared/story-import/decode.ts';
import { maxScriptSize } from '../../shared/story-import/source.ts';
import { allSent, api, attempt, desktopBridge, notify, useStudio } from '../state/index.ts';
import { openDialog } from '../state/view.ts';

export async function openFile(file: string): Promise<void> {
  await attempt(api.projects.open({ file }));
}

export async function openSample(): Promise<void> {
  await attempt(api.projects.openSample());
}

export async function createProject(title = 'Untitled'): Promise<void> {
  await attempt(api.projects.create({ title }));
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

export async function saveAs(file: string): Promise<void> {
  await allSent();
  const saved = await attempt(api.projects.saveAs({ file }));
  if (saved) notify({ level: 'info', message: `Saved as ${saved.file}.` });
}

export async function closeProject(): Promise<void> {
  await allSent();
  await attempt(api.projects.close());
}

/** Brings in a script that was pasted. Lines that are each a JSON object are a script of several stories. */
export async function importText(text: string): Promise<void> {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const listed = lines.length > 1 && lines.every((line) => /^\s*\{.*\}\s*$/.test(line));
  await importScript(listed ? 'pasted.jsonl' : 'pasted.txt', text);
}

/** Opens a project, or brings a script in, that was dropped or pasted. */
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
  if (file.size > maxScriptSize) {
    notify({ level: 'error', message: `${file.name} is too big to be a script.`, hint: 'Scripts have at most 20 MB.' });
    return;
  }
  const { text, encoding } = decodeText(new Uint8Array(await file.arrayBuffer()));
  await importScript(file.name, text, encoding);
}

/** Brings a script's stories in as branches from the start; with no project open, into a new one. */
export async function importScript(name: string, text: string, encoding: TextEncoding = 'utf-8'): Promise<void> {
  if (!useStudio.getState().project) await createProject(name.replace(/\.[^.]*$/, ''));
  if (!useStudio.getState().project) return;
  await allSent();
  const answer = await attempt(api.document.importScript({ name, text, encoding }));
  if (!answer) return;
  const hint = answer.warnings.join(' ');
  notify({
    level: answer.warnings.length > 0 ? 'warning' : 'info',
    message: `Brought in ${answer.shots} ${answer.shots === 1 ? 'shot' : 'shots'} from ${name}.`,
    hint,
  });
}
