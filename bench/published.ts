import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { framePolicyNames } from '../src/shared/memories/frame-memory.ts';
import { BenchStory, type ChunkTimes, prompts } from './bench-story.ts';
import { type BenchContext, startEngine } from './context.ts';
import { median, printTable } from './figures.ts';
import { publishedSizes, writeRandomModel } from './random-model.ts';
import { TorchSide } from './torch-side.ts';

/** Half of the published steps: a step is what is measured, and there are two more like it in a published chunk. */
const steps = [1000, 500];
const publishedSteps = 4;
/** Chunks that fill the window of six frames. */
const warmUp = 2;

interface Size {
  readonly width: number;
  readonly height: number;
  readonly policies: readonly (typeof framePolicyNames)[number][];
}

/**
 * The published generator (30 layers of 1536, random weights) on the CPU against the same model in PyTorch fp32. One after the
 * other, because two of them do not fit into memory.
 */
export async function published(context: BenchContext): Promise<void> {
  const measured = context.quick ? 1 : 2;
  const sizes: readonly Size[] = [
    { width: 256, height: 160, policies: context.quick ? ['nam+sma'] : framePolicyNames },
    { width: 416, height: 240, policies: context.quick ? ['nam+sma'] : ['window', 'nam+sma'] },
  ];
  for (const { width, height, policies } of sizes.filter((size) => `${size.width}`.startsWith(context.only ?? ''))) {
    const model = join(context.folder, `published-${width}`);
    writeRandomModel(model, publishedSizes(width, height, steps));
    const rows: string[][] = [];
    const ours = new Map<string, ChunkTimes[]>();
    for (const policy of policies) {
      const engine = await startEngine({ ...context, model });
      try {
        const story = new BenchStory(engine, { memory: { policy } });
        const times: ChunkTimes[] = [];
        // The bank is full once three frames have left the window; one chunk more makes the graphs of that size.
        while (story.line.length < warmUp + 4) await story.render([1000]);
        while (times.length < measured) times.push((await story.render()).times);
        ours.set(policy, times);
        const { residentBytes } = await engine.usage();
        rows.push([`Throughline, ${policy}`, ...figures(times), `${(residentBytes / 1e9).toFixed(1)} GB`]);
        console.error(rows.at(-1)?.join('  '));
      } finally {
        await engine.dispose();
      }
    }
    const torch = await TorchSide.start(model, context.threads);
    let theirs: ChunkTimes[] = [];
    if (typeof torch !== 'string') {
      try {
        await torch.render('fp32', prompts[0] as string, context.quick ? 1 : warmUp + 1);
        theirs = await torch.render('fp32', prompts[0] as string, measured);
        rows.push([`PyTorch ${torch.version} fp32, nam+sma`, ...figures(theirs), '']);
      } finally {
        torch.dispose();
      }
    }
    console.log(`### ${width}x${height}\n`);
    printTable(
      [
        'seconds',
        'first step',
        'a later step',
        'commit',
        'retrieve',
        'decode',
        'the rest',
        'chunk of 4 steps',
        'resident',
      ],
      rows,
    );
    const whole = chunkOf(ours.get('nam+sma') ?? []);
    const window = ours.get('window');
    if (theirs.length > 0) console.log(`\n${(chunkOf(theirs) / whole).toFixed(2)}x the speed of PyTorch (target 1.3).`);
    else if (typeof torch === 'string') console.log(`\nNo PyTorch beside it: ${torch}`);
    if (window) {
      const cost = [...ours].map(([policy, times]) => `${policy} ${percent(chunkOf(times) / chunkOf(window) - 1)}`);
      console.log(`Against window: ${cost.join(', ')}.\n`);
    }
    rmSync(model, { recursive: true });
  }
}

/** Of a chunk of the published steps, in milliseconds. */
function chunkOf(times: readonly ChunkTimes[]): number {
  const total = median(times.map((chunk) => chunk.total));
  return total + (publishedSteps - steps.length) * stepOf(times);
}

function stepOf(times: readonly ChunkTimes[]): number {
  return median(times.flatMap((chunk) => chunk.steps.slice(1)));
}

/** In seconds, as the table has them. */
function figures(times: readonly ChunkTimes[]): string[] {
  const seconds = (ms: number): string => (ms / 1000).toFixed(2);
  const of = (pick: (chunk: ChunkTimes) => number): string => seconds(median(times.map(pick)));
  return [
    of(({ steps: [first = 0] }) => first),
    seconds(stepOf(times)),
    of(({ commit }) => commit),
    of(({ retrieve }) => retrieve),
    of(({ decode }) => decode),
    of((chunk) => chunk.total - chunk.commit - chunk.retrieve - chunk.decode - chunk.steps.reduce((a, b) => a + b, 0)),
    seconds(chunkOf(times)),
  ];
}

function percent(share: number): string {
  return `${share >= 0 ? '+' : ''}${(100 * share).toFixed(1)} %`;
}
