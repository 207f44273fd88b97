import { type Asset, assetLimits, type SoundFacts } from '../../../shared/assets/asset.ts';
import { ThroughlineError, throwIfCancelled } from '../../../shared/errors.ts';
import { toPcm } from '../../../shared/sound/pcm.ts';
import { PeakMeter } from '../../../shared/sound/peaks.ts';
import { cutText } from '../../../shared/text.ts';
import type { ProjectStore } from '../../persistence/index.ts';
import { openSound } from '../../sound/index.ts';
import { PieceWriter } from './piece-writer.ts';

/** A file on its way in. */
export interface IncomingFile {
  readonly name: string;
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Takes a recording into a project: the file as it came, and what is played and drawn of it, at 48 kHz. All of it or
 * nothing; memory holds a few blocks. A recording that is there already is not stored twice.
 * @throws ThroughlineError `bad-input` that says what is wrong with the file; `database`, `disk-full`; CancelledError
 */
export async function importSound(store: ProjectStore, { name, bytes, signal }: IncomingFile): Promise<Asset> {
  const shortName = cutText(name.trim() || 'Sound', assetLimits.name);
  const number = await store.beginAsset({ kind: 'sound', name: shortName });
  try {
    const original = new PieceWriter(store, number);
    for await (const part of bytes) {
      throwIfCancelled(signal, 'Adding the sound');
      if (original.sizeBytes + part.length > assetLimits.sizeBytes) throw tooLarge(shortName);
      await original.write(part);
    }
    if (original.sizeBytes === 0)
      throw new ThroughlineError('bad-input', `"${shortName}" is empty.`, 'Choose another file.');
    const digest = await original.finish();
    const known = (await store.assets()).find(({ id }) => id === digest);
    if (known) {
      await store.dropAsset(number);
      return known;
    }
    const content = await conform(store, number, shortName, original.sizeBytes, signal);
    return await store.finishAsset(number, { digest, ...content });
  } catch (error) {
    await store.dropAsset(number).catch(() => {});
    throw error;
  }
}

/** Decodes what was written, and writes what is played and drawn of it beside it. */
async function conform(
  store: ProjectStore,
  number: number,
  name: string,
  sizeBytes: number,
  signal: AbortSignal | undefined,
): Promise<{ readonly mediaType: string; readonly facts: SoundFacts }> {
  const read = (start: number, end: number): Promise<Uint8Array> => store.readUnfinished(number, start, end);
  const reader = await openSound({ sizeBytes, read }, name);
  try {
    const sound = new PieceWriter(store, await store.beginDerived(number, 'sound-48k'));
    const peaks = new PieceWriter(store, await store.beginDerived(number, 'sound-peaks'));
    const meter = new PeakMeter();
    let lengthSamples = 0;
    for await (const channels of reader.blocks(signal)) {
      lengthSamples += channels[0]?.length ?? 0;
      await sound.write(toPcm(channels));
      await peaks.write(new Uint8Array(meter.push(channels).buffer));
      await new Promise(setImmediate); // others have their turn
    }
    await peaks.write(new Uint8Array(meter.flush().buffer));
    await sound.finish();
    await peaks.finish();
    return { mediaType: reader.mediaType, facts: { ...reader.facts, lengthSamples } };
  } finally {
    reader.dispose();
  }
}

function tooLarge(name: string): ThroughlineError {
  return new ThroughlineError(
    'bad-input',
    `"${name}" is larger than ${assetLimits.sizeBytes / 1024 ** 3} GB.`,
    'Save it in a smaller format, FLAC or M4A say, or cut it into several files.',
  );
}
