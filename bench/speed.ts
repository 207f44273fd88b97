import { BenchStory, type ChunkTimes, prompts } from './bench-story.ts';
import { type BenchContext, startEngine } from './context.ts';
import { median, printTable } from './figures.ts';
import { type Precision, TorchSide } from './torch-side.ts';

const precisions: readonly Precision[] = ['fp32', 'bf16'];
/** Chunks in one turn; the prompt changes after each turn. */
const turn = 3;

/** Our engine against the same story loop in PyTorch, taking turns. */
export async function speed(context: BenchContext): Promise<void> {
  const turns = context.quick ? 2 : 6;
  const warmUp = context.quick ? 1 : 2;
  const torch =
    context.device === 'cpu'
      ? await TorchSide.start(context.model, context.threads)
      : 'the comparison is on the CPU only';
  const engine = await startEngine(context);
  const times: Record<'ours' | Precision, ChunkTimes[]> = { ours: [], fp32: [], bf16: [] };
  try {
    const story = new BenchStory(engine, { promptChunks: turn });
    for (let round = 0; round < warmUp + turns; round++) {
      const ours: ChunkTimes[] = [];
      for (let i = 0; i < turn; i++) ours.push((await story.render()).times);
      if (round >= warmUp) times.ours.push(...ours);
      if (typeof torch === 'string') continue;
      for (const precision of precisions) {
        const theirs = await torch.render(precision, prompts[round % prompts.length] as string, turn);
        if (round >= warmUp) times[precision].push(...theirs);
      }
    }
    const { fps } = engine.info.video;
    const sides = ['ours', ...(typeof torch === 'string' ? [] : precisions)] as const;
    const names = { ours: 'Throughline', fp32: 'PyTorch fp32', bf16: 'PyTorch bf16' };
    const column = (measure: (chunks: readonly ChunkTimes[]) => number): number[] =>
      sides.map((side) => measure(times[side]));
    const steady = (pick: (chunk: ChunkTimes) => number) => (chunks: readonly ChunkTimes[]) => median(chunks.map(pick));
    const rare = (pick: (chunk: ChunkTimes) => number) => (chunks: readonly ChunkTimes[]) =>
      median(chunks.filter((_, i) => i % turn === 0).map(pick));
    const total = steady((chunk) => chunk.total);
    const rows: [string, number[]][] = [
      ['chunks / s', column((chunks) => 1000 / total(chunks))],
      ['frames / s', column((chunks) => (1000 * (chunks[0]?.frames ?? 0)) / total(chunks))],
      ['real-time factor', column((chunks) => (1000 * (chunks[0]?.frames ?? 0)) / total(chunks) / fps)],
      ['chunk, ms', column(total)],
      ['- retrieve, ms', column(steady((chunk) => chunk.retrieve))],
      ['- first step, ms', column(steady((chunk) => chunk.steps[0] ?? 0))],
      ['- every other step, ms', column((chunks) => median(chunks.flatMap(({ steps }) => steps.slice(1))))],
      ['- commit, ms', column(steady((chunk) => chunk.commit))],
      ['- decode, ms', column(steady((chunk) => chunk.decode))],
      ['- the rest, ms', column(steady(rest))],
      ['new prompt: encode, ms', column(rare((chunk) => chunk.encode))],
      ['new prompt: recache, ms', column(rare((chunk) => chunk.recache))],
    ];
    const digits = (label: string, value: number): string => value.toFixed(label.endsWith('ms') ? 1 : 2);
    printTable(
      ['median', ...sides.map((side) => names[side])],
      rows.map(([label, values]) => [label, ...values.map((value) => digits(label, value))]),
    );
    if (typeof torch === 'string') {
      console.log(`\nNo PyTorch beside it: ${torch}`);
      return;
    }
    const [ours, fp32, bf16] = column(total) as [number, number, number];
    console.log(
      `\nPyTorch ${torch.version}: ${(fp32 / ours).toFixed(2)}x the speed of its fp32 eager mode (target 1.5), ${(bf16 / ours).toFixed(2)}x of its bf16 autocast`,
    );
  } finally {
    if (typeof torch !== 'string') torch.dispose();
    await engine.dispose();
  }
}

/** What the phases do not cover: the record, and for our engine the way to its owner. */
function rest({ encode, retrieve, recache, steps, commit, decode, total }: ChunkTimes): number {
  return total - encode - retrieve - recache - commit - decode - steps.reduce((sum, step) => sum + step, 0);
}
