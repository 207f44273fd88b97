import { pictureLimits } from '../../../shared/assets/asset.ts';
import type { ShotId } from '../../../shared/project/document.ts';
import { limits } from '../../../shared/project/limits.ts';
import { sendFile } from '../../sound/sound-files.ts';
import { allSent, dispatch, forProject, notify } from '../../state/index.ts';

/** Where a picture goes: into memory from a shot on, or before the film. */
export type PictureUse = 'memory' | 'first-frame';

/** What a file dialog offers, and what a dropped file is taken for. */
const pictureEndings = ['png', 'jpg', 'jpeg', 'webp'] as const;

export function isPictureFile({ name, type }: File): boolean {
  return type.startsWith('image/') || pictureEndings.some((ending) => name.toLowerCase().endsWith(`.${ending}`));
}

/** Sends a picture to the project and puts it to use; what is wrong with it is said. */
export async function addPicture(
  file: File,
  shotId: ShotId,
  use: PictureUse,
  { project } = forProject(),
): Promise<void> {
  if (file.size > pictureLimits.sizeBytes) {
    const message = `"${file.name}" is larger than ${pictureLimits.sizeBytes / 2 ** 20} MB.`;
    notify({ level: 'error', message, hint: 'Save it smaller, as a JPEG say.' });
    return;
  }
  const asset = await sendFile(project, 'picture', file.name, file);
  if (!asset) return;
  if (forProject().project !== project) {
    const message = `"${file.name}" was not put into this film: another project was open when it was added.`;
    notify({ level: 'warning', message, hint: 'Open that project and add the picture there again.' });
    return;
  }
  if (use === 'first-frame') dispatch({ type: 'set-first-frame', shotId, asset: asset.id });
  else dispatch({ type: 'put-picture', shotId, picture: { asset: asset.id, name: nameOf(file.name) } });
}

/** A file's name without its ending, as a name for what is on it. */
export function nameOf(file: string): string {
  const plain = file
    .replace(/\.[^.]*$/, '')
    .replace(/[_-]+/g, ' ')
    .trim();
  return (plain || 'Picture').slice(0, limits.pinName);
}

/** Asks for a picture and puts it to use. */
export function choosePicture(shotId: ShotId, use: PictureUse): void {
  const open = forProject();
  const input = document.createElement('input');
  input.type = 'file';
  input.accept = ['image/png', 'image/jpeg', 'image/webp', ...pictureEndings.map((ending) => `.${ending}`)].join(',');
  input.addEventListener('change', async () => {
    await allSent();
    for (const file of input.files ?? []) await addPicture(file, shotId, use, open);
  });
  input.click();
}

/** What a person drags over a place that takes pictures: the first file of them. */
export function droppedPicture(event: React.DragEvent): File | null {
  return [...event.dataTransfer.files].find(isPictureFile) ?? null;
}
