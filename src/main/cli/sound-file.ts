import { randomUUID } from 'node:crypto';
import { type FileHandle, open, realpath, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { assetLimits } from '../../shared/assets/asset.ts';
import { ThroughlineError } from '../../shared/errors.ts';
import { fromPcm, pcmBytes, toPcm } from '../../shared/sound/pcm.ts';
import type { SoundClip } from '../../shared/sound/sound-clip.ts';
import type { FilmSound } from '../export/index.ts';
import { openSound } from '../sound/index.ts';

/** A recording to be heard under a film, decoded into a temporary file. End it with `dispose`. */
export interface SoundFile {
  /** From the film's beginning on. */
  readonly sound: FilmSound;
  readonly lengthSamples: number;
  /** Of the recording itself, links resolved. */
  readonly path: string;
  dispose(): Promise<void>;
}

/** @throws ThroughlineError `bad-input` that says what is wrong with the file; CancelledError */
export async function openSoundFile(path: string, signal: AbortSignal): Promise<SoundFile> {
  const name = basename(path);
  const source = await openForReading(path);
  const place = join(tmpdir(), `throughline-${randomUUID()}.pcm`);
  let pcm: FileHandle | null = null;
  const dispose = async (): Promise<void> => {
    await pcm?.close().catch(() => {});
    await rm(place, { force: true });
  };
  try {
    const { size: sizeBytes } = await source.stat();
    const reader = await openSound({ sizeBytes, read: (start, end) => readPart(source, start, end) }, name);
    const file = await open(place, 'wx+', 0o600);
    pcm = file;
    let lengthSamples = 0;
    try {
      for await (const block of reader.blocks(signal)) {
        lengthSamples += block[0]?.length ?? 0;
        await file.appendFile(toPcm(block));
      }
    } finally {
      reader.dispose();
    }
    const { channels } = reader.facts;
    const frameBytes = channels * pcmBytes;
    const clip: SoundClip = {
      ...{ id: 'sound-file', asset: '', name, row: 0, offsetSamples: 0, inSamples: 0, lengthSamples },
      ...{ gainDb: 0, fadeInSamples: 0, fadeOutSamples: 0, muted: false },
    };
    return {
      sound: {
        sounds: [{ clip, startSample: 0, lengthSamples }],
        read: async (_, start, end) => fromPcm(await readPart(file, start * frameBytes, end * frameBytes), channels),
      },
      lengthSamples,
      path: await realpath(path),
      dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  } finally {
    await source.close();
  }
}

async function openForReading(path: string): Promise<FileHandle> {
  const status = await stat(path).catch(() => null);
  if (!status?.isFile())
    throw new ThroughlineError('bad-input', `There is no sound file ${path}.`, 'Check the name after --sound.');
  if (status.size > assetLimits.sizeBytes) {
    const most = assetLimits.sizeBytes / 1024 ** 3;
    throw new ThroughlineError('bad-input', `${path} is larger than ${most} GB.`, 'Save it in a smaller format.');
  }
  return open(path, 'r');
}

async function readPart(file: FileHandle, start: number, end: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(end - start);
  let filled = 0;
  while (filled < bytes.length) {
    const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, start + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}
