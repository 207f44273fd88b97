import { createReadStream } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Asset, assetLimits } from '../../../shared/assets/asset.ts';
import { ThroughlineError, throwIfCancelled } from '../../../shared/errors.ts';
import { type FootageFacts, footageLimits, requireEncoder } from '../../../shared/footage.ts';
import type { ProjectDocument } from '../../../shared/project/document.ts';
import { cutsOf } from '../../../shared/project/tree.ts';
import type { ModelInfo } from '../../../shared/render.ts';
import { cutText } from '../../../shared/text.ts';
import { type FootageShape, takeFootage } from '../../footage/index.ts';
import type { KeptFootage } from '../../footage/story-footage.ts';
import type { ProjectStore } from '../../persistence/index.ts';
import type { PictureSpawn } from '../../pictures/index.ts';
import type { IncomingFile } from './import-sound.ts';
import { PieceWriter } from './piece-writer.ts';

/** Of what is kept, read at a time. */
const blockBytes = 2 ** 20;

/**
 * What a project keeps of footage: as far as its longest film can look, at the rate and size of its model.
 * @throws ThroughlineError `bad-input` where the model cannot look at footage
 */
export function footageShape(document: ProjectDocument, model: ModelInfo): FootageShape {
  requireEncoder(model);
  const lengths = cutsOf(document).map(({ shots }) => shots.reduce((sum, { chunks }) => sum + chunks, 0));
  const { video, chunkFrames } = model;
  return { video, chunkFrames, mostChunks: Math.min(footageLimits.chunks, Math.max(1, ...lengths)) };
}

/**
 * Takes footage into a project: an MP4, or PNG frames as `shared/footage-pack.ts` says. It is read by a process of its own out of a
 * file that goes afterwards; memory holds a few blocks. All of it or nothing, and what is there already is not stored twice.
 * @throws ThroughlineError `bad-input` that says what is wrong with the file; `database`, `disk-full`; CancelledError
 */
export async function importFootage(
  store: ProjectStore,
  { name, bytes, signal }: IncomingFile,
  shape: FootageShape,
  spawn?: PictureSpawn,
): Promise<Asset> {
  const shortName = cutText(name.trim() || 'Footage', assetLimits.name);
  const folder = await mkdtemp(join(tmpdir(), 'throughline-footage-'));
  try {
    const [came, kept] = [join(folder, 'came'), join(folder, 'kept')];
    await spool(bytes, came, shortName, signal);
    const facts = await takeFootage(came, { name: shortName, shape, to: kept, spawn, signal });
    throwIfCancelled(signal, 'Adding the footage');
    return await storeFootage(store, shortName, createReadStream(kept, { highWaterMark: blockBytes }), facts);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Stores footage that was read before: all of it or nothing. @throws ThroughlineError `database`, `disk-full` */
export function keepFootage(store: ProjectStore, { name, bytes, facts }: KeptFootage): Promise<Asset> {
  return storeFootage(store, name, [bytes], facts);
}

async function storeFootage(
  store: ProjectStore,
  name: string,
  parts: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  facts: FootageFacts,
): Promise<Asset> {
  const number = await store.beginAsset({ kind: 'footage', name });
  try {
    const writer = new PieceWriter(store, number);
    for await (const part of parts) await writer.write(part);
    const digest = await writer.finish();
    return await store.finishAsset(number, { digest, mediaType: 'application/x-throughline-footage', facts });
  } catch (error) {
    await store.dropAsset(number).catch(() => {});
    throw error;
  }
}

async function spool(
  parts: AsyncIterable<Uint8Array>,
  to: string,
  name: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const file = await open(to, 'w');
  try {
    let sizeBytes = 0;
    for await (const part of parts) {
      throwIfCancelled(signal, 'Adding the footage');
      sizeBytes += part.length;
      if (sizeBytes > footageLimits.sizeBytes)
        throw new ThroughlineError(
          'bad-input',
          `"${name}" is larger than ${footageLimits.sizeBytes / 2 ** 30} GB.`,
          'Cut it: no more of it is looked at than the story is long.',
        );
      await file.writeFile(part);
    }
    if (sizeBytes === 0) throw new ThroughlineError('bad-input', `"${name}" is empty.`, 'Choose another file.');
  } finally {
    await file.close();
  }
}
