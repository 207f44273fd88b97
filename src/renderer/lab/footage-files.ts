import { pictureLimits } from '../../shared/assets/asset.ts';
import { footageLimits, mostGiven } from '../../shared/footage.ts';
import { inFrameOrder, packHead } from '../../shared/footage-pack.ts';
import type { ShotId } from '../../shared/project/document.ts';
import type { Cut } from '../../shared/project/tree.ts';
import type { ModelInfo } from '../../shared/render.ts';
import { pixelFramesOfChunks } from '../../shared/timing.ts';
import { aboutSending, sendFile } from '../sound/sound-files.ts';
import { allSent, dispatch, forProject, notify, useStudio } from '../state/index.ts';

/** What a person picked, as it is sent; or why it cannot be. */
export type PickedFootage =
  | { readonly name: string; readonly body: Blob }
  | { readonly message: string; readonly hint: string };

const isPng = ({ name, type }: File): boolean => type === 'image/png' || name.toLowerCase().endsWith('.png');

/**
 * One film, or PNG frames in the order of their names.
 * @param mostFrames no more of them are looked at, so no more are sent
 */
export function pickedFootage(files: readonly File[], mostFrames: number): PickedFootage {
  const hint = 'Footage is an MP4 with H.264, or PNG frames at the model’s rate.';
  const [first] = files;
  if (!first) return { message: 'No file was picked.', hint };
  if (!files.some(isPng)) {
    if (files.length > 1) return { message: `${files.length} files are no one clip.`, hint };
    return tooLarge(first.name, first.size) ?? { name: first.name.slice(-footageLimits.name), body: first };
  }
  const stranger = files.find((file) => !isPng(file));
  if (stranger) return { message: `"${stranger.name}" is no PNG frame.`, hint };
  if (files.length > footageLimits.pictures)
    return {
      message: `${files.length.toLocaleString('en-US')} frames are too many: footage has up to ${footageLimits.pictures.toLocaleString('en-US')}.`,
      hint: 'Pick a part of them.',
    };
  const frames = inFrameOrder(files).slice(0, mostFrames);
  const heavy = frames.find(({ size }) => size > pictureLimits.sizeBytes);
  if (heavy)
    return {
      message: `"${heavy.name}" is larger than ${pictureLimits.sizeBytes / 2 ** 20} MB.`,
      hint: 'Save the frames smaller.',
    };
  const [from, to] = [frames[0]?.name ?? first.name, frames.at(-1)?.name ?? first.name];
  const name = frames.length === 1 ? from : `${from} to ${to}`;
  const body = new Blob([packHead(frames.map(({ name, size }) => ({ name, bytes: size }))), ...frames]);
  return tooLarge(name, body.size) ?? { name: name.slice(-footageLimits.name), body };
}

function tooLarge(name: string, sizeBytes: number): PickedFootage | null {
  if (sizeBytes <= footageLimits.sizeBytes) return null;
  return {
    message: `"${name}" is larger than ${footageLimits.sizeBytes / 2 ** 30} GB.`,
    hint: 'Cut it: no more of it is looked at than the story is long.',
  };
}

/** Sends footage to the project and lets the cut's comparison begin with it; what is wrong with it is said. */
export async function addFootage(files: readonly File[], cut: Cut, model: ModelInfo): Promise<void> {
  await allSent();
  const { project } = forProject();
  const [root] = cut.shots;
  const filmChunks = cut.shots.reduce((sum, { chunks }) => sum + chunks, 0);
  const mostFrames = pixelFramesOfChunks(Math.min(filmChunks, footageLimits.chunks), model.chunkFrames);
  const picked = pickedFootage(files, mostFrames);
  if ('message' in picked) return notify({ about: aboutSending('footage'), level: 'error', ...picked });
  if (!root) return;
  const asset = await sendFile(project, 'footage', picked.name, picked.body);
  if (!asset?.footage) return;
  if (forProject().project !== project || !isThere(root.id))
    return notify({
      level: 'warning',
      message: `"${picked.name}" was not put before this film: another project was open when it was added.`,
      hint: 'Open that project and choose the footage there again.',
    });
  const { chunks } = asset.footage;
  const given = Math.max(1, Math.min(footageLimits.givenAtFirst, mostGiven({ chunks }, filmChunks)));
  const footage = { asset: asset.id, name: picked.name, chunks, given };
  const begins = root.footage?.begins;
  dispatch({ type: 'set-footage', shotId: root.id, footage: begins ? { ...footage, begins } : footage });
}

function isThere(shotId: ShotId): boolean {
  return useStudio.getState().document?.shots.some(({ id }) => id === shotId) ?? false;
}

/** Asks for footage. */
export function chooseFootage(onFiles: (files: readonly File[]) => void): void {
  const input = document.createElement('input');
  input.type = 'file';
  input.multiple = true;
  input.accept = 'video/mp4,.mp4,image/png,.png';
  input.addEventListener('change', () => onFiles([...(input.files ?? [])]));
  input.click();
}

/** The files that are dropped, with those of a folder; ask before the event is over. */
export async function droppedFiles({ items, files }: DataTransfer): Promise<readonly File[]> {
  const plain = [...files];
  const entries = [...items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  const [folder] = entries;
  if (entries.length !== 1 || !folder?.isDirectory) return plain;
  const reader = (folder as FileSystemDirectoryEntry).createReader();
  const found: File[] = [];
  while (true) {
    // A reader gives a part of its entries at a time.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return found;
    for (const entry of some)
      if (entry.isFile && entry.name.toLowerCase().endsWith('.png'))
        found.push(await new Promise((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject)));
  }
}
