// Published weights of the full size, end to end: writes random ones in the published containers, imports them, renders two
// prompts with a switch on the processor, and says what that takes.
//   npm run full-size                       MemFlow with LoRA and TAEHV, then MAG (two generators) with the VAE
//   npm run full-size -- --size 160x96 --only mag
//   npm run full-size -- --tiny             the same with tiny weights, in a minute
// Needs some 40 GB where temporary files go (--folder), 12 GB of memory and some patience. Cleans up after itself.
import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  generatorShapes,
  loraShapes,
  publishedSizes,
  taehvShapes,
  textShapes,
  tinySizes,
  vaeShapes,
} from './full-size/published-shapes.ts';
import { type Shapes, type TorchType, writeTorchFile } from './full-size/torch-file.ts';

const { values } = parseArgs({
  options: {
    size: { type: 'string', default: '256x160' },
    steps: { type: 'string', default: '2' },
    text: { type: 'string', default: 'int4' },
    only: { type: 'string' },
    folder: { type: 'string', default: tmpdir() },
    tiny: { type: 'boolean', default: false },
  },
});
const sizes = values.tiny ? tinySizes : publishedSizes;
const root = join(import.meta.dirname, '..');
const base = mkdtempSync(join(values.folder, 'throughline-full-size-'));
const files = join(base, 'files');
mkdirSync(join(files, 'mag'), { recursive: true });

// Whoever stops it has the disk back.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    rmSync(base, { recursive: true, force: true });
    process.exit(1);
  });
}

interface Row {
  readonly what: string;
  readonly seconds: number;
  readonly peakBytes: number | null;
  readonly diskBytes: number;
}
const rows: Row[] = [];

try {
  const text = part('models_t5_umt5-xxl-enc-bf16.pth', textShapes(sizes), 'bfloat16');
  const tokenizer = join(files, 'tokenizer.json');
  copyFileSync(join(root, 'tests/fixtures/tokenizers/unigram.tokenizer.json'), tokenizer);
  writeFileSync(join(base, 'story.txt'), 'a red cat walks [1 chunk]\n\na blue robot waves [1 chunk]\n');
  const inGenerator = { key: 'generator', prefix: 'model.' };
  if (values.only !== 'mag') {
    const generator = part('base.pt', generatorShapes(sizes), 'float32', inGenerator);
    const lora = part('lora.pt', loraShapes(sizes), 'float32', { key: 'generator_lora', prefix: '' });
    const decoder = part('taew2_1.pth', taehvShapes(sizes), 'float32');
    await film('memflow', [generator, lora, text, tokenizer, decoder], []);
    for (const file of [generator, lora, decoder]) rmSync(file);
  }
  if (values.only !== 'memflow') {
    const generator = part('mag/sf300.pt', generatorShapes(sizes), 'float32', inGenerator);
    const memory = part('mag/bc400.pt', generatorShapes(sizes), 'float32', inGenerator);
    const vae = part('Wan2.1_VAE.pth', vaeShapes(sizes), 'float32');
    await film('mag', [generator, memory, text, tokenizer, vae], ['--memory-model', memory]);
  }
} finally {
  rmSync(base, { recursive: true, force: true });
  table();
}

function part(name: string, shapes: Shapes, type: TorchType, inside: { key: string; prefix: string } | null = null) {
  const file = join(files, name);
  const startedAt = performance.now();
  const diskBytes = writeTorchFile(file, shapes, type, inside);
  add({ what: `write ${name}`, seconds: (performance.now() - startedAt) / 1000, peakBytes: null, diskBytes });
  return file;
}

/** Imports a model and makes two chunks of two prompts with it. */
async function film(recipe: string, paths: readonly string[], more: readonly string[]): Promise<void> {
  const size = values.size as string;
  const model = join(base, 'data/throughline/models', recipe);
  const imported = await throughline(
    'models', 'import', ...paths, '--like', recipe, '--name', recipe, '--size', size, '--text', values.text as string,
    ...more,
  ); // biome-ignore format: one command
  add({ what: `import ${recipe}`, ...imported, diskBytes: sizeOf(model) });
  const film = join(base, `${recipe}.mp4`);
  const rendered = await throughline(
    'render', join(base, 'story.txt'), '--out', film, '--model', recipe, '--steps', values.steps as string,
    '--device', 'cpu',
  ); // biome-ignore format: one command
  add({
    what: `render 2 chunks of ${recipe}, ${size}, ${values.steps} steps`,
    ...rendered,
    diskBytes: sizeOf(join(base, 'cache')),
  });
  rmSync(model, { recursive: true });
  rmSync(join(base, 'cache'), { recursive: true, force: true });
}

/** Runs the command line as a person does, its folders in ours. @throws Error with what it said where it failed */
async function throughline(...args: string[]): Promise<{ seconds: number; peakBytes: number | null }> {
  const startedAt = performance.now();
  const env = { ...process.env, XDG_DATA_HOME: join(base, 'data'), XDG_CACHE_HOME: join(base, 'cache') };
  const child = spawn(process.execPath, [join(root, 'src/main/cli.ts'), ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data: Buffer) => {
      said = (said + data.toString()).slice(-4000);
    });
  }
  let peakBytes: number | null = null;
  const watch = setInterval(() => {
    peakBytes = Math.max(peakBytes ?? 0, residentBytes(child.pid as number)) || null;
  }, 500);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  clearInterval(watch);
  if (code !== 0) throw new Error(`throughline ${args.join(' ')} ended with ${code}:\n${said}`);
  return { seconds: (performance.now() - startedAt) / 1000, peakBytes };
}

/** Memory of a process and those it started; 0 where the system does not say. */
function residentBytes(pid: number): number {
  const { stdout } = spawnSync('ps', ['-eo', 'pid=,ppid=,rss='], { encoding: 'utf8' });
  const all = (stdout ?? '').split('\n').map((line) => line.trim().split(/\s+/).map(Number));
  const own = new Set([pid]);
  for (let before = 0; before !== own.size; ) {
    before = own.size;
    for (const [id, parent] of all) if (id !== undefined && own.has(parent as number)) own.add(id);
  }
  return all.reduce((sum, [id, , kilobytes]) => sum + (own.has(id as number) ? (kilobytes ?? 0) * 1024 : 0), 0);
}

function sizeOf(path: string): number {
  if (!statSync(path, { throwIfNoEntry: false })) return 0;
  return readdirSync(path, { recursive: true, encoding: 'utf8' }).reduce((sum, name) => {
    const stat = statSync(join(path, name));
    return sum + (stat.isFile() ? stat.size : 0);
  }, 0);
}

function add(row: Row): void {
  rows.push(row);
  console.error(words(row).join('  '));
}

function words({ what, seconds, peakBytes, diskBytes }: Row): string[] {
  const peak = peakBytes === null ? '' : `${(peakBytes / 1e9).toFixed(2)} GB`;
  return [what, `${seconds.toFixed(1)} s`, peak, `${(diskBytes / 1e9).toFixed(2)} GB`];
}

function table(): void {
  console.log('| what | time | most memory | on the disk |\n|---|---:|---:|---:|');
  for (const row of rows) console.log(`| ${words(row).join(' | ')} |`);
}
