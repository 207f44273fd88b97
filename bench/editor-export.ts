import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { StudioConnection } from '../tests/e2e/support/connection.ts';
import { printTable } from './figures.ts';

const heightPixels = 720;

export interface ExportBench {
  readonly connection: StudioConnection;
  /** Leaf of the cut to export. */
  readonly leaf: string;
  /** Length of the cut. */
  readonly filmSec: number;
  /** Of the model's frames, in pixels. */
  readonly source: { readonly width: number; readonly height: number; readonly fps: number };
  readonly folder: string;
}

/** Export of a cut against real time, and against ffmpeg with the same frames where there is one. */
export async function compareExport({ connection, leaf, filmSec, source, folder }: ExportBench): Promise<void> {
  const file = join(folder, 'trailer.mp4');
  const startedAt = performance.now();
  const { id } = await connection.api.exports.start({
    target: { kind: 'cut', leaf },
    file,
    format: 'mp4',
    fps: null,
    options: { height: heightPixels },
  });
  const ended = (state = 'running') => state !== 'running';
  await connection.until(({ exports }) => ended(exports.get(id)?.state), 'the film is written');
  const { state, error } = connection.known.exports.get(id) ?? {};
  if (state !== 'done') throw new Error(`The export is ${state}: ${error?.message}`);
  const ours = (performance.now() - startedAt) / 1000;
  const theirs = ffmpegSeconds(file, source, folder);
  const row = (what: string, seconds: number) => [what, seconds, filmSec / seconds];
  printTable(
    [`export of ${filmSec.toFixed(0)} s at ${heightPixels}p`, 'seconds', 'times real time'],
    [
      row('Throughline: latents to MP4', ours),
      ...(theirs === null ? [] : [row('ffmpeg, libx264: raw frames to MP4', theirs)]),
    ],
  );
  if (theirs === null) console.log('\nNo ffmpeg on the PATH: not compared with it.');
}

/** How long ffmpeg takes to scale and encode the frames of a film, decoded before; null where there is no ffmpeg. */
function ffmpegSeconds(film: string, { width, height, fps }: ExportBench['source'], folder: string): number | null {
  const raw = join(folder, 'frames.rgb');
  const form = ['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', `${width}x${height}`];
  const ffmpeg = (...args: readonly string[]) => spawnSync('ffmpeg', ['-y', '-loglevel', 'error', ...args]);
  if (ffmpeg('-i', film, ...form, raw).status !== 0) return null;
  const startedAt = performance.now();
  const scale = `scale=-2:${heightPixels}:flags=lanczos`;
  const { status } = ffmpeg(...form, '-r', `${fps}`, '-i', raw, '-vf', scale, '-c:v', 'libx264', join(folder, 'f.mp4'));
  return status === 0 ? (performance.now() - startedAt) / 1000 : null;
}
