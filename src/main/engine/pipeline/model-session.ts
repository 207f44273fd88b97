import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MemoryAdapter } from '../../../shared/memories/index.ts';
import type { MemorySettings } from '../../../shared/memory-settings.ts';
import type { KvStorage, ModelInfo } from '../../../shared/render.ts';
import { kvBytes } from '../../persistence/index.ts';
import { adaptersOf, withAdapter } from '../checkpoints/adapters.ts';
import { atFrameSize, frameSizesOf, otherSize } from '../checkpoints/frame-sizes.ts';
import { digestWithoutReading } from '../checkpoints/kept-digests.ts';
import { readModelDigest } from '../checkpoints/model-digest.ts';
import { geometryOf, pictureSize } from '../model/config.ts';
import { type ModelFolder, openModelFolder } from '../model/model-folder.ts';
import { type EncodedPrompt, PromptTokenizer } from '../model/tokenizer/index.ts';
import { exactTypes, numericsClass, typePlan } from '../model/type-plan.ts';
import type { LoadOptions, ModelIdentity, ModelPlace } from '../protocol.ts';
import { Device, type DeviceOptions, runtimeVersion } from '../runtime/device.ts';
import { probeAttention } from '../runtime/probe-attention.ts';
import { hasHalves } from '../runtime/probe-halves.ts';
import { ChunkGenerator } from './chunk-generator.ts';
import { DecoderStream } from './decoder-stream.ts';
import { collectGraphFolders } from './graphs-folder.ts';
import { MemoryGuard } from './memory-guard.ts';
import { ModelGraphs, mostLogitsBytes } from './model-graphs.ts';
import { pageCodec, type RoundKv } from './page-codec.ts';
import { type PageCodec, PageStore } from './page-store.ts';
import { Passes } from './passes.ts';
import { PromptEncoder } from './prompt.ts';

/** Rises whenever the same recipe would give other numbers: another graph, another order of sums, another rounding. */
const numericsVersion = 2;

/** Of a model folder; its weights are read only where their digest is not known yet. */
async function modelDigest(model: ModelFolder, graphsFolder: string): Promise<string> {
  return digestWithoutReading(model, join(graphsFolder, 'digests.json'));
}

/** What a measurement of devices with this model is remembered by. @throws ThroughlineError what is wrong with the model */
export async function identify(place: ModelPlace): Promise<ModelIdentity> {
  const own = openModelFolder(place.modelFolder);
  const frameSize = otherSize(own, place);
  const digest = await modelDigest(own, place.graphsFolder);
  return { digest, numericsVersion, runtime: runtimeVersion, ...(frameSize ? { frameSize } : {}) };
}

/** An encoder that lies among a model's weights goes by the model's digest. */
function encoderDigest({ encoder }: ModelFolder, digest: string): string | null {
  if (!encoder) return null;
  return encoder.file === null ? digest : createHash('sha256').update(readFileSync(encoder.file)).digest('hex');
}

/** Pages beyond what fits lie in a file beside the cache of states. */
function pageStore({ pageBudget, graphsFolder }: LoadOptions, guard: MemoryGuard, codec: PageCodec): PageStore {
  const budget = pageBudget ?? guard.pageBudget;
  return new PageStore(budget && { codec, budget, folder: join(graphsFolder, '..', 'pages') });
}

/** A model loaded on a device, with everything that makes chunks. Owns all of it. */
export class ModelSession {
  readonly info: ModelInfo;
  readonly device: Device;
  readonly graphs: ModelGraphs;
  readonly prompts: PromptEncoder;
  readonly pages: PageStore;
  readonly passes: Passes;
  readonly generator: ChunkGenerator;
  /** What it takes, and what to do where that is too much. */
  readonly memoryGuard: MemoryGuard;
  readonly #tokenizer: PromptTokenizer;

  private constructor(
    info: ModelInfo,
    device: Device,
    graphs: ModelGraphs,
    tokenizer: PromptTokenizer,
    round: RoundKv | null,
    pages: PageStore,
    memoryGuard: MemoryGuard,
  ) {
    this.memoryGuard = memoryGuard;
    this.info = info;
    this.device = device;
    this.graphs = graphs;
    this.#tokenizer = tokenizer;
    this.prompts = new PromptEncoder(device, graphs, tokenizer);
    this.pages = pages;
    this.passes = new Passes(device, graphs, round);
    this.generator = new ChunkGenerator(device, graphs, this.passes, this.pages, {
      guard: memoryGuard,
      storedFrameBytes: info.frameBytes,
    });
  }

  /**
   * @param roundTo how K/V are rounded at commit for a kind of storage; null for none
   * @param adapter the model as this one makes it; its own memory unless said
   * @throws ThroughlineError naming what is wrong with the model or the device
   */
  static async open(
    options: LoadOptions & Pick<DeviceOptions, 'forbidFallback'>,
    roundTo: (storage: KvStorage) => RoundKv | null,
    adapter?: MemoryAdapter,
  ): Promise<ModelSession> {
    const asImported = openModelFolder(options.modelFolder);
    const size = otherSize(asImported, options);
    const own = size ? atFrameSize(asImported, size) : asImported;
    const frameSizes = frameSizesOf(asImported);
    const tokenizer = PromptTokenizer.open(own.tokenizerFile, own.config.text);
    const digest = await modelDigest(own, options.graphsFolder);
    const device = await Device.open({
      name: options.device,
      threads: options.threads,
      forbidFallback: options.forbidFallback ?? false,
    });
    let guard: MemoryGuard | null = null;
    try {
      const halves = options.precision === 'fp16' && (await hasHalves(device));
      const types = typePlan(options.device, options.precision ?? 'fp32', halves);
      const folder = join(
        options.graphsFolder,
        `${graphsName(digest, adapter)}-${options.device}${types === exactTypes ? '' : 'halves'}`,
      );
      const model = adapter ? await withAdapter(own, adapter, folder) : own;
      const attention = await probeAttention(device, geometryOf(model.config).headDim, types.dit);
      const logitsBytes = attention === 'fused' ? null : mostLogitsBytes;
      guard = new MemoryGuard(
        model,
        { device: options.device, logitsBytes, pageBudgetBytes: options.pageBudget?.deviceBytes ?? null },
        { frameSizes, isImported: readModelDigest(asImported.path) !== null },
        options.availableBytes,
      );
      guard.check();
      const graphs = new ModelGraphs(device, model, folder, attention, mostLogitsBytes, types, size);
      collectGraphFolders(folder);
      // Load what every chunk needs now, so that a damaged model is told at once and not in the middle of a story.
      const dit = graphs.memory.commits?.dit ?? 'generator';
      graphs.checkText();
      if (!model.config.text.quantized) await graphs.text();
      for (const load of [graphs.condition(), graphs.dit(), graphs.decoder()]) await load;
      if (dit !== 'generator') for (const load of [graphs.condition(dit), graphs.dit(dit)]) await load;
      return new ModelSession(
        infoOf(own, digest, numericsVersion + numericsClass(types), options, {
          decoderMemoryFrames: graphs.videoDecoder.warmFrames,
          encoder: encoderDigest(own, digest),
          ...(frameSizes ? { frameSizes } : {}),
        }),
        device,
        graphs,
        tokenizer,
        roundTo(options.kvStorage),
        pageStore(options, guard, pageCodec(device, model.config, options.kvStorage)),
        guard,
      );
    } catch (error) {
      await device.dispose();
      throw guard?.explain(error) ?? error;
    }
  }

  decoderStream(): DecoderStream {
    return new DecoderStream(this.device, this.graphs);
  }

  /** A prompt as the model reads it. */
  encode(prompt: string): EncodedPrompt {
    return this.#tokenizer.encode(prompt);
  }

  async dispose(): Promise<void> {
    this.prompts.dispose();
    this.pages.dispose();
    await this.graphs.dispose();
    await this.device.dispose();
  }
}

/** Graphs of a model, and those of what an adapter makes of it, lie apart. */
function graphsName(digest: string, adapter: MemoryAdapter | undefined): string {
  const name = adapter ? createHash('sha256').update(`${digest} ${adapter.digest}`).digest('hex') : digest;
  return name.slice(0, 16);
}

function infoOf(
  model: ModelFolder,
  digest: string,
  numericsVersion: number,
  options: LoadOptions,
  more: Pick<ModelInfo, 'decoderMemoryFrames' | 'encoder' | 'frameSizes'>,
): ModelInfo {
  const { config, scene } = model;
  const { latentHeight, latentWidth, rows, columns } = geometryOf(config);
  const adapters = adaptersOf(model);
  const { positions: _, ...memory } = config.memory;
  const settings: MemorySettings = { ...memory, pins: [], bans: [] };
  return {
    name: config.name,
    digest,
    numericsVersion,
    device: options.device,
    video: { ...pictureSize(config), fps: config.video.fps },
    ...more,
    latent: { channels: config.latent.channels, height: latentHeight, width: latentWidth },
    tokenGrid: { rows, columns },
    chunkFrames: config.sampler.chunkFrames,
    maxChunks:
      config.memory.positions.kind === 'absolute'
        ? Math.floor(config.dit.ropeTableLength / config.sampler.chunkFrames)
        : null,
    layers: config.dit.layers,
    heads: config.dit.heads,
    textLength: config.text.textLength,
    scene,
    sampler: { kind: config.sampler.kind, steps: config.sampler.steps },
    memory: settings,
    ...(adapters.length > 0 ? { adapters } : {}),
    kvStorage: options.kvStorage,
    frameBytes: 2 * config.dit.layers * kvBytes(rows * columns, config.dit.dim, options.kvStorage),
  };
}
