import { useQuery } from '@tanstack/react-query';
import type { ExportState } from '../../../../shared/api/types.ts';
import { api, attempt, useStudio } from '../../../state/index.ts';
import { ask } from '../../../state/queries.ts';
import { counted } from '../../words.ts';
import css from '../dialogs.module.css';

/** Where the files are; in a browser each with a link, since not every browser takes several at one press. */
export function Written({ id, files, folders, notes }: Pick<ExportState, 'id' | 'files' | 'folders' | 'notes'>) {
  const places = folders.length > 0 ? folders : files;
  const linked = places.length > 1 && !onDesktop();
  const { data } = useQuery({ ...ask.exports.reveal.queryOptions({ input: { id } }), enabled: linked });
  const urls = data?.urls ?? [];
  return (
    <div className={css.done} role="status">
      {words(files, folders)}
      {places.length > 1 && (
        <ul>
          {places.map((file, i) => (
            <li key={file}>
              {urls[i] === undefined ? (
                file
              ) : (
                <a href={urls[i]} download>
                  {file}
                </a>
              )}
            </li>
          ))}
        </ul>
      )}
      {notes.map((note) => (
        <p key={note} className={css.note}>
          {note}
        </p>
      ))}
    </div>
  );
}

function words(files: readonly string[], folders: readonly string[]): string {
  if (folders.length === 1) return `${counted(files.length, 'file')} in ${folders[0]}`;
  if (folders.length > 1) return `${counted(files.length, 'file')} in`;
  return files.length === 1 ? `It is at ${files[0]}` : `${files.length} files are at`;
}

export function onDesktop(): boolean {
  return useStudio.getState().host?.host === 'desktop';
}

/** Shows the files in their folder, or downloads them. */
export async function reveal(id: string): Promise<void> {
  const answer = await attempt(api.exports.reveal({ id }));
  for (const url of answer?.urls ?? []) {
    const link = document.createElement('a');
    link.href = url;
    link.download = '';
    link.click();
  }
}
