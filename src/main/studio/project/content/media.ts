import { pictureLimits } from '../../../../shared/assets/asset.ts';
import { blockSamples, pcmBytes } from '../../../../shared/sound/pcm.ts';
import { footageStrip } from '../../assets/project-pictures.ts';
import type { OpenProject } from '../open-project.ts';
import { latentFramePicture } from './pictures.ts';

export interface MediaFile {
  readonly bytes: Uint8Array;
  readonly type: string;
}

/** Exactly what the contract names; anything else is not found. */
const patterns = {
  chunk: /^\/media\/chunk\/([0-9a-f]{64})\/(strip\.webp|thumb\.webp)$/,
  sound: /^\/media\/sound\/([0-9a-f]{64})\/(?:(peaks)|(\d{1,6})\.pcm)$/,
  picture: /^\/media\/picture\/([0-9a-f]{64})\.png$/,
  footage: /^\/media\/footage\/([0-9a-f]{64})\/(\d{1,3})\.png$/,
  frame: /^\/media\/frame\/([0-9a-f]{64})\/(\d{1,3})\.webp$/,
};

/**
 * The picture at a path of the contract. It never changes, whatever happens to the project: a key names one result.
 * @returns null if there is none
 */
export async function mediaAt(project: OpenProject | null, path: string): Promise<MediaFile | null> {
  if (!project) return null;
  const chunk = patterns.chunk.exec(path);
  if (chunk) return webp(await project.store.media(chunk[1] as string, chunk[2] as 'strip.webp' | 'thumb.webp'));
  const sound = patterns.sound.exec(path);
  if (sound) return soundAt(project, sound[1] as string, sound[3] === undefined ? null : Number(sound[3]));
  const picture = patterns.picture.exec(path);
  if (picture) return pictureAt(project, picture[1] as string);
  const footage = patterns.footage.exec(path);
  if (footage) {
    const strip = await footageStrip(project, footage[1] as string, Number(footage[2]));
    return strip && { bytes: strip.png, type: 'image/png' };
  }
  const frame = patterns.frame.exec(path);
  const summary = frame && project.chunks.get(frame[1] as string);
  if (!summary) return null;
  const strip = await project.store.media(summary.key, 'strip.webp');
  return strip && webp(await latentFramePicture(strip, summary.frameCount, Number(frame[2])));
}

/** @param block counted from 0; null: the peaks */
async function soundAt({ store, assets }: OpenProject, id: string, block: number | null): Promise<MediaFile | null> {
  const sound = assets.find((asset) => asset.id === id)?.sound;
  if (!sound) return null;
  const blockBytes = blockSamples * sound.channels * pcmBytes;
  const bytes =
    block === null
      ? await store.readAsset(id, 'sound-peaks', 0, Number.MAX_SAFE_INTEGER)
      : await store.readAsset(id, 'sound-48k', block * blockBytes, (block + 1) * blockBytes);
  return bytes && { bytes, type: 'application/octet-stream' };
}

/** A picture in memory, as it is kept. */
async function pictureAt({ store, assets }: OpenProject, id: string): Promise<MediaFile | null> {
  if (assets.find((asset) => asset.id === id)?.kind !== 'picture') return null;
  const bytes = await store.readAsset(id, 'original', 0, pictureLimits.sizeBytes);
  return bytes && { bytes, type: 'image/png' };
}

function webp(bytes: Uint8Array | null): MediaFile | null {
  return bytes && { bytes, type: 'image/webp' };
}
