import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ditShapes } from '../src/main/engine/checkpoints/families.ts';
import type { BenchContext } from './context.ts';
import { printTable } from './figures.ts';

type Shapes = ReadonlyMap<string, readonly number[]>;

/** What the published files hold: a generator of 1.3 billion parameters, a text encoder of 5.7 billion; both in bf16. */
const generator: Shapes = ditShapes({ dim: 1536, layers: 30, ffnDim: 8960, freqDim: 256, textDim: 4096, channels: 16 });

function textEncoder(layers = 24): Shapes {
  const [dim, ffnDim] = [4096, 10_240];
  const shapes = new Map<string, readonly number[]>([['token_embedding.weight', [256_384, dim]]]);
  for (let layer = 0; layer < layers; layer++) {
    const block = `blocks.${layer}`;
    for (const part of ['q', 'k', 'v', 'o']) shapes.set(`${block}.attn.${part}.weight`, [dim, dim]);
    for (const part of ['gate.0', 'fc1']) shapes.set(`${block}.ffn.${part}.weight`, [ffnDim, dim]);
    shapes.set(`${block}.ffn.fc2.weight`, [dim, ffnDim]);
    shapes.set(`${block}.pos_embedding.embedding.weight`, [32, 64]);
    for (const norm of ['norm1', 'norm2']) shapes.set(`${block}.${norm}.weight`, [dim]);
  }
  return shapes.set('norm.weight', [dim]);
}

/**
 * Import of files of the published sizes with random weights, against `cp` of the same file on the same disk. An import is on
 * the disk when it is done and a copy is not, so `sync` of the copy is waited for as well.
 */
export async function importing({ folder, quick, only = '' }: BenchContext): Promise<void> {
  const files: readonly (readonly [string, Shapes])[] = quick
    ? [['tiny generator', ditShapes({ dim: 256, layers: 4, ffnDim: 512, freqDim: 64, textDim: 64, channels: 16 })]]
    : [
        ['generator', generator],
        ['text encoder', textEncoder()],
      ];
  const rows: string[][] = [];
  for (const [name, shapes] of files.filter(([file]) => file.startsWith(only))) {
    const [source, made] = [join(folder, 'source.safetensors'), join(folder, 'text_encoder.safetensors')];
    const sizeBytes = writeRandom(source, shapes);
    const megabytes = sizeBytes / 1e6;
    const copy = join(folder, 'copy');
    execFileSync('sync', [source]);
    const copySec = seconds(() => execFileSync('cp', [source, copy]));
    const syncedSec = copySec + seconds(() => execFileSync('sync', [copy]));
    rmSync(copy);
    const types: readonly ('fp16' | 'int4')[] = name === 'text encoder' ? ['fp16', 'int4'] : ['fp16'];
    for (const type of types) {
      const { elapsedSec, peakBytes } = run('import-process.ts', source, made, type === 'int4' ? '4' : '16');
      const row = [
        `${name}, to ${type}`,
        `${(sizeBytes / 1e9).toFixed(1)} GB`,
        `${(megabytes / copySec).toFixed(0)} MB/s`,
        `${(megabytes / syncedSec).toFixed(0)} MB/s`,
        `${(megabytes / elapsedSec).toFixed(0)} MB/s`,
        `${((100 * copySec) / elapsedSec).toFixed(0)} %`,
        `${((100 * syncedSec) / elapsedSec).toFixed(0)} %`,
        `${(peakBytes / 1e6).toFixed(0)} MB`,
      ];
      console.error(row.join('  '));
      rows.push(row);
      if (type === 'int4') {
        const encoding = run('text-process.ts', made);
        console.log(
          `Encoding a prompt of 40 tokens with it, loading included: ${encoding.elapsedSec.toFixed(1)} s, at most ${(encoding.peakBytes / 1e9).toFixed(1)} GB resident.\n`,
        );
      }
      rmSync(made);
    }
    rmSync(source);
  }
  printTable(['file', 'size', 'cp', 'cp, sync', 'import', '/ cp', '/ cp, sync', 'peak resident'], rows);
}

/** Runs a process of its own. @returns what it says of itself */
function run(script: string, ...args: string[]): { elapsedSec: number; peakBytes: number } {
  const child = spawnSync(process.execPath, [fileURLToPath(new URL(script, import.meta.url)), ...args], {
    encoding: 'utf8',
  });
  if (child.status !== 0) throw new Error(child.stderr);
  return JSON.parse(child.stdout) as { elapsedSec: number; peakBytes: number };
}

/** bf16 values of some thousandths to some units, the same block again and again. @returns bytes of the file */
function writeRandom(path: string, shapes: Shapes): number {
  let at = 0;
  const header: Record<string, unknown> = {};
  for (const [name, shape] of shapes) {
    const bytes = 2 * shape.reduce((product, n) => product * n, 1);
    header[name] = { dtype: 'BF16', shape, data_offsets: [at, at + bytes] };
    at += bytes;
  }
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  const block = Buffer.alloc(32 * 1024 ** 2);
  let state = 1;
  for (let i = 0; i < block.length; i += 2) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    block.writeUInt16LE((0x3b00 + (state >>> 22)) | ((state >>> 6) & 0x8000), i); // exponents of 2^-9 to 2^-1
  }
  const fd = openSync(path, 'w');
  writeSync(fd, Buffer.concat([length, text]));
  for (let done = 0; done < at; done += block.length) writeSync(fd, block, 0, Math.min(block.length, at - done));
  closeSync(fd);
  return statSync(path).size;
}

function seconds(work: () => void): number {
  const startedAt = performance.now();
  work();
  return (performance.now() - startedAt) / 1000;
}
