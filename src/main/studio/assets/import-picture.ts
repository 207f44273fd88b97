import { type Asset, assetLimits, pictureLimits } from '../../../shared/assets/asset.ts';
import { ThroughlineError, throwIfCancelled } from '../../../shared/errors.ts';
import { cutText } from '../../../shared/text.ts';
import type { ProjectStore } from '../../persistence/index.ts';
import { type PictureSpawn, pictureTooLarge, readPicture } from '../../pictures/index.ts';
import type { IncomingFile } from './import-sound.ts';
import { PieceWriter } from './piece-writer.ts';

/**
 * Takes a picture into a project: upright, as a PNG without what else its file says of the person who took it. All of it or
 * nothing. One that is there already is not stored twice.
 * @throws ThroughlineError `bad-input` that says what is wrong with the file; `database`, `disk-full`; CancelledError
 */
export async function importPicture(
  store: ProjectStore,
  { name, bytes, signal }: IncomingFile,
  spawn?: PictureSpawn,
): Promise<Asset> {
  const shortName = cutText(name.trim() || 'Picture', assetLimits.name);
  const file = await wholeFile(bytes, shortName, signal);
  const { png } = await readPicture(file, shortName, spawn);
  throwIfCancelled(signal, 'Adding the picture');
  return keepPicture(store, shortName, png);
}

/** Stores a picture as {@link importPicture} made it: all of it or nothing. */
export async function keepPicture(store: ProjectStore, name: string, png: Uint8Array): Promise<Asset> {
  const number = await store.beginAsset({ kind: 'picture', name: cutText(name, assetLimits.name) });
  try {
    const writer = new PieceWriter(store, number);
    await writer.write(png);
    return await store.finishAsset(number, { digest: await writer.finish(), mediaType: 'image/png', facts: null });
  } catch (error) {
    await store.dropAsset(number).catch(() => {});
    throw error;
  }
}

async function wholeFile(
  parts: AsyncIterable<Uint8Array>,
  name: string,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const kept: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const part of parts) {
    throwIfCancelled(signal, 'Adding the picture');
    sizeBytes += part.length;
    if (sizeBytes > pictureLimits.sizeBytes) throw pictureTooLarge(name);
    kept.push(part);
  }
  if (sizeBytes === 0) throw new ThroughlineError('bad-input', `"${name}" is empty.`, 'Choose another file.');
  return Buffer.concat(kept);
}
