import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { policyNameSchema } from '../../../shared/memory-settings.ts';
import type { DeviceName, Precision } from '../../../shared/render.ts';
import { emptyMemory, type MemoryState } from '../memory/memory-state.ts';
import { readSafetensors, readTensor, type TensorEntry } from '../model/safetensors.ts';
import { latentFrameSize } from '../pipeline/chunk-generator.ts';
import { ModelSession } from '../pipeline/model-session.ts';
import { roundingFor } from '../pipeline/state-cache.ts';
import { compare, type ParityReport, peakSignalToNoise, tolerance } from './compare.ts';
import { recordedStorySchema } from './recorded-story.ts';

const frames = z.array(z.int());
const chunkTraceSchema = z.object({
  candidates: frames,
  scores: z.array(z.array(z.number())),
  bank: z.array(frames),
  window: frames,
  sink: frames,
});
const traceSchema = z.object({
  story: recordedStorySchema,
  prompts: z.array(z.object({ text: z.string(), ids: z.array(z.int()) })),
  policies: z.partialRecord(policyNameSchema, z.array(chunkTraceSchema)),
  decodedChunks: z.int(),
});
type ChunkTrace = z.infer<typeof chunkTraceSchema>;

/**
 * How well two implementations must agree where rounding is all that sets them apart. Halves have 11 bits instead of 24, so
 * each product is rounded 8,192 times as coarsely; the recorded models have few layers, and what is near a tie may be
 * remembered otherwise, so of halves the first chunk and the scores are compared, and frames to a few of their 256 steps.
 */
export const limits = {
  fp32: { chunk: tolerance, storyPsnr: 45, score: 1e-4, picture: 1, sameBanks: true },
  fp16: { chunk: 0.02, storyPsnr: 45, score: 1e-2, picture: 4, sameBanks: false },
} as const satisfies Record<Precision, object>;

/**
 * A complete model folder with what our PyTorch implementation computes on it: every prompt's tokens and embedding,
 * every chunk's retrieval, the latents of a whole story for each policy, decoded frames.
 */
export async function storyParity(
  folder: string,
  json: unknown,
  device: DeviceName,
  most: number,
  precision: Precision,
): Promise<ParityReport> {
  const limit = limits[precision];
  const trace = traceSchema.parse(json);
  const tensors = readSafetensors(join(folder, 'tensors.safetensors'));
  const tensor = (name: string): Float32Array => readTensor(tensors.get(name) as TensorEntry);
  const graphsFolder = mkdtempSync(join(tmpdir(), 'throughline-parity-'));
  const lines: string[] = [];
  let held = true;
  const check = (holds: boolean, line: string): void => {
    held &&= holds;
    lines.push(holds ? line : `${line}  <- FAILED`);
  };
  const session = await ModelSession.open(
    { modelFolder: folder, device, precision, threads: 2, kvStorage: 'fp16', graphsFolder, forbidFallback: true },
    roundingFor,
  );
  try {
    for (const [i, { text, ids }] of trace.prompts.entries()) {
      const encoded = session.encode(text);
      if (encoded.ids.join() !== ids.join())
        check(false, `tokens of "${text}": recorded [${ids}], made [${encoded.ids}]`);
      const { maxAbs, std } = compare(await session.prompts.embed(encoded), tensor(`text.${i}`));
      if (maxAbs / std > tolerance)
        check(false, `embedding of "${text}": max difference ${(maxAbs / std).toExponential(1)}`);
    }
    if (precision === 'fp16') check(session.info.numericsVersion > 1000, 'products are computed in halves');
    check(held, `${trace.prompts.length} prompts: tokens equal, embeddings within ${tolerance}`);

    for (const [policy, recorded] of Object.entries(trace.policies)) {
      const chunks = recorded.slice(0, most);
      const all = tensor(`latents.${policy}`);
      const expected = all.subarray(0, (all.length / recorded.length) * chunks.length);
      const { latents, mismatches } = await runStory(
        session,
        trace,
        policyNameSchema.parse(policy),
        chunks,
        tensor('noise'),
        limit.score,
      );
      const chunkSize = latents.length / chunks.length;
      const first = compare(latents.subarray(0, chunkSize), expected.subarray(0, chunkSize));
      check(
        first.maxAbs / first.std <= limit.chunk,
        `${policy}: first chunk: max difference ${(first.maxAbs / first.std).toExponential(1)} of its standard deviation`,
      );
      const psnr = peakSignalToNoise(latents, expected);
      check(psnr >= limit.storyPsnr, `${policy}: ${chunks.length} chunks: ${psnr.toFixed(1)} dB`);
      check(
        mismatches.length === 0 || !limit.sameBanks,
        `${policy}: bank, window and sink of every chunk and layer ${mismatches.length === 0 ? 'equal' : 'differ'}`,
      );
      if (limit.sameBanks) lines.push(...mismatches);
    }
    const [anyPolicy] = Object.keys(trace.policies);
    const frameSize = latentFrameSize(session.graphs) * session.info.chunkFrames * trace.decodedChunks;
    const decoder = session.decoderStream();
    const decoded = await decoder.decode(tensor(`latents.${anyPolicy}`).slice(0, frameSize));
    decoder.dispose();
    const { height, width } = session.info.video;
    const { maxAbs } = compare(decoded.frames, planarToBytes(tensor('decoded'), height * width));
    check(maxAbs <= limit.picture, `${decoded.frameCount} decoded frames: max difference ${maxAbs} of 255`);
  } finally {
    await session.dispose();
    rmSync(graphsFolder, { recursive: true, force: true });
  }
  return { held, lines };
}

async function runStory(
  session: ModelSession,
  trace: z.infer<typeof traceSchema>,
  policy: z.infer<typeof policyNameSchema>,
  expected: readonly ChunkTrace[],
  noise: Float32Array,
  scoreTolerance: number,
): Promise<{ latents: Float32Array; mismatches: string[] }> {
  const frameSize = latentFrameSize(session.graphs);
  const chunkSize = session.info.chunkFrames * frameSize;
  const draws = noise.length / trace.story.reduce((sum, shot) => sum + shot.chunks, 0) / chunkSize;
  const latents = new Float32Array(expected.length * chunkSize);
  const mismatches: string[] = [];
  let memory: MemoryState = emptyMemory(session.info.layers);
  let chunk = 0;
  for (const shot of trace.story) {
    for (let i = 0; i < shot.chunks && chunk < expected.length; i++, chunk++) {
      const at = chunk;
      const made = await session.generator.generate(memory, {
        recipe: {
          chunkIndex: at,
          prompt: shot.prompt,
          seed: 0,
          transition: i === 0 ? shot.transition : 'continue',
          sampler: session.info.sampler,
          memory: { ...session.info.memory, policy },
        },
        prompt: await session.prompts.prepare(shot.prompt),
        pass: `${policy}-${at}`,
        noise: (step) => noise.slice((at * draws + step) * chunkSize, (at * draws + step + 1) * chunkSize),
        pastLatents: async (first, count) => latents.slice(first * frameSize, (first + count) * frameSize),
      });
      latents.set(made.latents, at * chunkSize);
      memory = made.memory;
      session.pages.keepOnly(session.graphs.memory.state.references(memory));
      if (made.record) mismatches.push(...differences(at, expected[at] as ChunkTrace, made.record, scoreTolerance));
    }
  }
  return { latents, mismatches };
}

function differences(
  chunk: number,
  expected: ChunkTrace,
  actual: { bank: number[][]; window: number[]; sink: number[]; candidates: number[]; scores: number[][] },
  scoreTolerance: number,
): string[] {
  const found: string[] = [];
  const same = (name: string, wanted: readonly number[], got: readonly number[]): void => {
    if ([...wanted].sort().join() !== [...got].sort().join())
      found.push(`chunk ${chunk}, ${name}: recorded [${wanted}], chosen [${got}]`);
  };
  same('window', expected.window, actual.window);
  same('sink', expected.sink, actual.sink);
  same('candidates', expected.candidates, actual.candidates);
  for (const [layer, bank] of expected.bank.entries()) same(`bank of layer ${layer}`, bank, actual.bank[layer] ?? []);
  for (const [layer, row] of expected.scores.entries()) {
    for (const [i, score] of row.entries()) {
      const other = actual.scores[layer]?.[i] ?? Number.NaN;
      if (!(Math.abs(score - other) <= scoreTolerance))
        found.push(
          `chunk ${chunk}, layer ${layer}, frame ${expected.candidates[i]}: recorded score ${score}, made ${other}`,
        );
    }
  }
  return found;
}

/** [frames, 3, pixels] in 0..1 -> [frames, pixels, 3] in 0..255 */
function planarToBytes(values: Float32Array, pixels: number): Uint8Array {
  return Uint8Array.from(values, (_, i) => {
    const channel = i % 3;
    const pixel = Math.floor(i / 3) % pixels;
    const frame = Math.floor(i / 3 / pixels);
    return Math.round(255 * (values[(frame * 3 + channel) * pixels + pixel] as number));
  });
}
