import { isAbsolute, join } from 'node:path';
import { scriptEndings } from '../../shared/story-import/recognise.ts';
import type { DialogSurface, FileFilter, WindowSurface } from './electron-surface.ts';

/** What a file is wanted for; the contract's `dialogs.chooseFile`. */
export type FilePurpose =
  | 'open-project'
  | 'save-project'
  | 'open-script'
  | 'save-export'
  | 'model-folder'
  | 'model-files'
  | 'farm-folder';

const projects: FileFilter = { name: 'Throughline project', extensions: ['throughline'] };
const scripts: FileFilter = { name: 'Script', extensions: [...scriptEndings] };

interface Question {
  readonly way: 'open-file' | 'open-folder' | 'save';
  readonly title: string;
  readonly filters: readonly FileFilter[];
}

const questions: Readonly<Record<FilePurpose, Question>> = {
  'open-project': {
    way: 'open-file',
    title: 'Open a project or a script',
    filters: [{ name: 'Projects and scripts', extensions: ['throughline', ...scriptEndings] }, projects, scripts],
  },
  'save-project': { way: 'save', title: 'Save the project as', filters: [projects] },
  'open-script': { way: 'open-file', title: 'Import a script', filters: [scripts] },
  'save-export': { way: 'save', title: 'Export', filters: [] },
  'model-files': { way: 'open-folder', title: 'Choose a folder with the files of a model', filters: [] },
  'farm-folder': { way: 'open-folder', title: 'Choose the folder that all machines of the farm see', filters: [] },
  'model-folder': { way: 'open-folder', title: 'Choose the folder of a model', filters: [] },
};

/** The last part of a suggested name: a page may suggest a name, never a folder. */
export function suggestedName(suggestion: string): string {
  const name = suggestion
    .split(/[\\/]/)
    .at(-1)!
    // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly those are to go
    .replace(/[<>:"|?*\u0000-\u001f]/g, ' ')
    .trim();
  return /^\.*$/.test(name) ? '' : name;
}

/**
 * Asks for a file with the system's own dialog.
 * @param folder where the dialog begins
 * @param suggestion a file name
 * @returns absolute path; null if the person cancelled
 */
export async function chooseFile(
  dialog: Pick<DialogSurface, 'showOpenDialog' | 'showSaveDialog'>,
  window: WindowSurface,
  purpose: FilePurpose,
  folder: string,
  suggestion = '',
): Promise<string | null> {
  const { way, title, filters: usual } = questions[purpose];
  const filters = purpose === 'save-export' ? exportFilters(suggestion) : usual;
  const options = { title, filters: [...filters], defaultPath: join(folder, suggestedName(suggestion)) };
  if (way === 'save') {
    const answer = await dialog.showSaveDialog(window, options);
    return answer.canceled ? null : checked(withEnding(answer.filePath, filters));
  }
  const properties = way === 'open-file' ? (['openFile'] as const) : (['openDirectory'] as const);
  const answer = await dialog.showOpenDialog(window, { ...options, properties: [...properties] });
  return answer.canceled ? null : checked(answer.filePaths[0] ?? '');
}

/** An export is of the kind that its suggested name ends in. */
function exportFilters(suggestion: string): FileFilter[] {
  const ending = /\.([a-z0-9]{1,12})$/i.exec(suggestion)?.[1]?.toLowerCase();
  return ending === undefined ? [] : [{ name: ending.toUpperCase(), extensions: [ending] }];
}

/** Some systems' dialogs do not add the ending. */
function withEnding(file: string, filters: readonly FileFilter[]): string {
  const ending = filters[0]?.extensions[0];
  if (file === '' || ending === undefined || file.toLowerCase().endsWith(`.${ending}`)) return file;
  return `${file}.${ending}`;
}

function checked(file: string): string | null {
  return isAbsolute(file) ? file : null;
}
