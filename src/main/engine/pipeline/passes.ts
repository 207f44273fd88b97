import type { DitName } from '../memory/module.ts';
import { geometryOf } from '../model/config.ts';
import { timeFeatures } from '../model/schedule.ts';
import type { Device } from '../runtime/device.ts';
import type { DeviceTensor } from '../runtime/device-tensor.ts';
import { type Feed, hostFloats, hostInts } from '../runtime/graph.ts';
import { type TensorScope, withTensors } from '../runtime/tensor-scope.ts';
import { type AttentionContext, ropeFeeds } from './attention-context.ts';
import type { ModelGraphs } from './model-graphs.ts';
import type { RoundKv } from './page-codec.ts';
import type { Page } from './page-store.ts';
import type { PreparedPrompt } from './prompt.ts';

/** One forward pass of the DiT over whole frames. */
export interface Pass {
  /** [frames, channels, height, width] */
  readonly latents: Float32Array;
  /** Time index of each frame. */
  readonly times: readonly number[];
  /** 0..1000 */
  readonly timestep: number;
  readonly prompt: PreparedPrompt;
  readonly context: AttentionContext;
  /** The last so many frames serve as keys; all by default, and where the model has no {@link ModelGraphs.partialKeys}. */
  readonly keyFrames?: number;
  /** Whose weights; the generator's by default. */
  readonly dit?: DitName;
  /** Whether it tells what it attends to, where the graph can. */
  readonly tellsAttention?: boolean;
}

/** What a denoising step gives. */
export interface Predicted {
  /** noise - x0, like the latents. */
  readonly velocity: Float32Array;
  /** Per layer, which rows of the pool [heads, frames] each head activated, [heads, activatedCount]; none where nothing is selected. */
  readonly activated: readonly Float32Array[];
  /** Per layer, what of its softmax each frame got, the pass's own last: {@link attendedFrames}. None where it was not asked, or the graph cannot. */
  readonly attended: readonly Float32Array[];
}

/** The DiT's two uses: predicting a velocity, and committing frames to K/V pages. */
export class Passes {
  readonly #device: Device;
  readonly #graphs: ModelGraphs;
  /** How K and V are rounded; null keeps them as they are (fp32). */
  readonly round: RoundKv | null;

  /** @param round null keeps K/V as they are (fp32) */
  constructor(device: Device, graphs: ModelGraphs, round: RoundKv | null) {
    this.#device = device;
    this.#graphs = graphs;
    this.round = round;
  }

  async velocity(pass: Pass): Promise<Predicted> {
    const ofLayers = (name: string): string[] =>
      Array.from({ length: this.#graphs.config.dit.layers }, (_, i) => `${name}.${i}`);
    const picks = pass.context.kind === 'sparse' ? ofLayers('activated') : [];
    const shares = pass.tellsAttention && this.#graphs.tellsAttention(pass.dit) ? ofLayers('attended') : [];
    return withTensors(async (scope) => {
      const out = scope.ownAll(await this.#run(pass, ['velocity', ...picks, ...shares], 0));
      const take = async (name: string): Promise<Float32Array> => {
        const tensor = out[name] as DeviceTensor;
        const values = (await this.#device.download(tensor)).slice();
        tensor.dispose();
        return values;
      };
      const takeAll = async (names: readonly string[]): Promise<Float32Array[]> => {
        const all: Float32Array[] = [];
        for (const name of names) all.push(await take(name));
        return all;
      };
      return { velocity: await take('velocity'), activated: await takeAll(picks), attended: await takeAll(shares) };
    });
  }

  /** @returns for every frame of the pass its pages, one per layer, rounded for storage; the caller owns them */
  async commit(pass: Pass): Promise<Page[][]> {
    const frames = pass.times.length;
    const layers = Array.from({ length: this.#graphs.config.dit.layers }, (_, i) => i);
    return withTensors(async (scope) => {
      const names = layers.flatMap((i) => [`k.${i}`, `v.${i}`]);
      const out = scope.ownAll(await this.#run(pass, names, frames));
      const pages: Page[][] = Array.from({ length: frames }, () => []);
      for (const layer of layers) {
        const [ks, vs] = [
          await this.#split(out[`k.${layer}`] as DeviceTensor, frames, scope),
          await this.#split(out[`v.${layer}`] as DeviceTensor, frames, scope),
        ];
        pages.forEach((framePages, i) => {
          framePages.push({ k: ks[i] as DeviceTensor, v: vs[i] as DeviceTensor });
        });
      }
      for (const { k, v } of pages.flat()) for (const tensor of [k, v]) scope.release(tensor);
      return pages;
    });
  }

  /** @param keptFrames frames whose K and V are wanted: none, or all */
  async #run(pass: Pass, fetches: readonly string[], keptFrames: number): Promise<Record<string, DeviceTensor>> {
    const { dit, latent } = this.#graphs.config;
    const { latentHeight, latentWidth, tokens } = geometryOf(this.#graphs.config);
    const frames = pass.times.length;
    const feeds: Record<string, Feed> = {
      latents: hostFloats(pass.latents, [frames, latent.channels, latentHeight, latentWidth]),
      time_features: hostFloats(timeFeatures(pass.timestep, dit.freqDim), [1, dit.freqDim]),
      ...(this.#graphs.partialKeys ? { self_from: hostInts([(frames - (pass.keyFrames ?? frames)) * tokens]) } : {}),
      ...(this.#graphs.keptRows ? { kept_rows: hostInts([keptFrames * tokens]) } : {}),
      ...(this.#graphs.tellsAttention(pass.dit) ? { told_from: hostInts([this.#toldFrom(pass)]) } : {}),
      ...pieceFeeds(this.#graphs.attentionPieces, frames * tokens),
      ...ropeFeeds(this.#graphs, pass.times),
      ...(this.#graphs.activates ? { token_share: equalShares(frames * tokens) } : {}),
      ...(this.#graphs.activates && pass.context.kind === 'dense' ? emptyPool(this.#graphs) : {}),
    };
    for (let layer = 0; layer < dit.layers; layer++) {
      feeds[`text_k.${layer}`] = pass.prompt.textK[layer] as DeviceTensor;
      feeds[`text_v.${layer}`] = pass.prompt.textV[layer] as DeviceTensor;
    }
    Object.assign(feeds, pass.context.feeds); // a memory may bring the prompt's keys and values with some of its own
    const graph = await this.#graphs.dit(pass.dit);
    return graph.run(feeds, fetches);
  }

  /** Nobody asked: no query tells, but where all outputs are made every time. Sums over nothing are not tried there. */
  #toldFrom({ tellsAttention, times }: Pass): number {
    if (tellsAttention || this.#graphs.keptRows) return 0;
    return times.length * geometryOf(this.#graphs.config).tokens;
  }

  /** [frames*tokens, dim] -> one [tokens, dim] a frame, owned by `scope`; disposes its input. */
  async #split(whole: DeviceTensor, frames: number, scope: TensorScope): Promise<DeviceTensor[]> {
    const { tokens } = geometryOf(this.#graphs.config);
    const { dim } = this.#graphs.config.dit;
    if (this.#device.name !== 'cpu' && !this.round) {
      const graph = await this.#graphs.split(frames);
      const names = Array.from({ length: frames }, (_, i) => `page.${i}`);
      const out = scope.ownAll(await graph.run({ x: whole }, names));
      whole.dispose();
      return names.map((name) => out[name] as DeviceTensor);
    }
    const values = await this.#device.download(whole);
    const pages: DeviceTensor[] = [];
    for (let i = 0; i < frames; i++) {
      const page = values.slice(i * tokens * dim, (i + 1) * tokens * dim);
      this.round?.(page, dim);
      pages.push(scope.own(await this.#device.upload(page, [tokens, dim])));
    }
    whole.dispose();
    return pages;
  }
}

/** Bounds of the pieces that `rows` queries are attended in, as equal as can be. */
function pieceFeeds(pieces: number, rows: number): Record<string, Feed> {
  if (pieces === 1) return {};
  return Object.fromEntries(
    Array.from({ length: pieces + 1 }, (_, i) => [`piece.${i}`, hostInts([Math.floor((i * rows) / pieces)])]),
  );
}

/** Of a pass that attends to all of its context. */
function emptyPool({ config }: ModelGraphs): Record<string, Feed> {
  const { heads, layers } = config.dit;
  const { tokens, headDim } = geometryOf(config);
  const none = (...dims: number[]): Feed => hostFloats(new Float32Array(0), dims);
  const feeds: Record<string, Feed> = { pool_rows: none(heads, 0), activated_count: hostInts([0]) };
  for (let layer = 0; layer < layers; layer++) {
    feeds[`pool_k.${layer}`] = none(0, tokens, headDim);
    feeds[`pool_v.${layer}`] = none(0, tokens, headDim);
    feeds[`pool_mean.${layer}`] = none(heads, 0, headDim);
  }
  return feeds;
}

/** [1, count], each 1/count. */
function equalShares(count: number): Feed {
  return hostFloats(new Float32Array(count).fill(1 / count), [1, count]);
}
