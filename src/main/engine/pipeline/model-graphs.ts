import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ThroughlineError } from '../../../shared/errors.ts';
import { type FrameSize, frameSizeText } from '../../../shared/frame-size.ts';
import type { MemoryGraph } from '../memory/host.ts';
import { type DitName, layoutOf, type MemoryModule } from '../memory/module.ts';
import { memoryModule } from '../memory/registry.ts';
import { geometryOf, type ModelConfig } from '../model/config.ts';
import { decoderOf, encoderOf, type VideoDecoder, type VideoEncoder } from '../model/decoders/index.ts';
import { buildConditionGraph, buildDitGraph } from '../model/dit-graph.ts';
import { GraphBuilder } from '../model/graph-builder.ts';
import type { AttentionForm } from '../model/graph-parts.ts';
import type { ModelFolder } from '../model/model-folder.ts';
import { type AssembledPages, buildAssembleGraph, buildSplitGraph } from '../model/page-graphs.ts';
import { RopeTables } from '../model/rope.ts';
import { readRows } from '../model/table-rows.ts';
import { buildShortTextGraph, buildTextGraph } from '../model/text-graph.ts';
import { exactTypes, type TypePlan } from '../model/type-plan.ts';
import type { Device } from '../runtime/device.ts';
import type { Graph } from '../runtime/graph.ts';
import { prepareGraphsFolder } from './graphs-folder.ts';
import { KeptEmbeddings } from './kept-embeddings.ts';

/** Below what graphics drivers bind at once, 128 MiB on some. */
export const mostLogitsBytes = 96 * 1024 ** 2;

/** For a chunk that attends to everything it can; a recache of more frames makes larger pieces of fewer keys. */
function piecesOf(config: ModelConfig, module: MemoryModule, logitsBytes: number): number {
  const { memory, sampler, dit, text } = config;
  const { tokens } = geometryOf(config);
  const queries = sampler.chunkFrames * tokens;
  const keys = Math.max(
    text.textLength,
    (memory.sinkFrames + module.attendedFrames(memory) + sampler.chunkFrames) * tokens,
  );
  const bytes = dit.heads * queries * keys * Float32Array.BYTES_PER_ELEMENT;
  // No piece may be empty, so there are no more of them than queries in one.
  return Math.max(1, Math.min(Math.ceil(bytes / logitsBytes), Math.floor(Math.sqrt(queries))));
}

function graphName(name: string, dit: DitName): string {
  return dit === 'generator' ? name : `${name}-${dit}`;
}

/**
 * The graphs of one model on one device, each loaded when first used. Graphs with weights are written into
 * `folder` beside hard links of the weight files, because onnxruntime reads external data only from there.
 */
export class ModelGraphs {
  readonly rope: RopeTables;
  /** How this model remembers. */
  readonly memory: MemoryModule;
  /** What the decoder's graphs take and give. */
  readonly videoDecoder: VideoDecoder;
  /** Of prompts that were encoded before. */
  readonly embeddings: KeptEmbeddings;
  /** Pieces that a pass's queries are attended in. */
  readonly attentionPieces: number;
  /** Most that a value may take where graphs can be made for less at once. */
  readonly logitsBytes: number;
  readonly #device: Device;
  readonly #model: ModelFolder;
  readonly #folder: string;
  readonly #attention: AttentionForm;
  readonly #types: TypePlan;
  /** Follows the names of graphs in files: graphs of several sizes lie beside the same weights, which are not linked or copied again. */
  readonly #nameEnding: string;
  readonly #loaded = new Map<string, Promise<Graph>>();

  /**
   * @param folder private to this model; made if missing
   * @param logitsBytes most of attention's logits at once, where they are written out
   * @param size of the frames, where it is not the model's own
   */
  constructor(
    device: Device,
    model: ModelFolder,
    folder: string,
    attention: AttentionForm,
    logitsBytes: number = mostLogitsBytes,
    types: TypePlan = exactTypes,
    size: FrameSize | null = null,
  ) {
    this.#nameEnding = size ? `-${frameSizeText(size)}` : '';
    this.#types = types;
    this.#device = device;
    this.#model = model;
    this.#folder = folder;
    this.#attention = attention;
    this.embeddings = new KeptEmbeddings(join(folder, 'prompts'));
    this.rope = new RopeTables(geometryOf(model.config), model.config.dit.ropeTheta);
    this.memory = memoryModule(model.config.memory.mode, layoutOf(model.config));
    this.logitsBytes = logitsBytes;
    this.attentionPieces = attention === 'fused' ? 1 : piecesOf(model.config, this.memory, logitsBytes);
    this.videoDecoder = decoderOf(model.config, model.decoder, types);
    const extra = model.encoder?.file ? [model.encoder.file] : [];
    prepareGraphsFolder(folder, [...model.weightFiles, ...extra]);
  }

  get config(): ModelConfig {
    return this.#model.config;
  }

  /** Whether {@link dit} takes `self_from`: only the published recache leaves some of its own frames out of the keys. */
  get partialKeys(): boolean {
    return this.memory.partialRecache;
  }

  /** Whether {@link dit} takes `kept_rows`: only where a run cannot leave its K and V unasked. */
  get keptRows(): boolean {
    return !this.#device.fetchesSome;
  }

  text(): Promise<Graph> {
    return this.#withWeights('text', () => this.#buildText());
  }

  /** Fails where the text encoder's weights do not fit; loads nothing. */
  checkText(): void {
    this.#buildText();
  }

  /** Frees the text encoder's memory; the next prompt loads it again. */
  async letGoOfText(): Promise<void> {
    const loading = this.#loaded.get('text');
    this.#loaded.delete('text');
    await (await loading)?.dispose();
  }

  /** Rows of the table of words, [ids, text dim]. */
  wordRows(ids: readonly number[]): Float32Array {
    const { vocabSize, dim } = this.config.text;
    const table = this.#model.text.get('token_embedding.weight');
    if (table?.shape.join() !== `${vocabSize},${dim}`) throw new Error('checkText was not called');
    return readRows(table, ids);
  }

  #buildText(): Uint8Array {
    const { text } = this.config;
    if (!text.quantized) return buildTextGraph(text, this.#model.text);
    // The table is read by rows and is not in the graph; its shape is checked all the same.
    new GraphBuilder('table', this.#model.text).weight('token_embedding.weight', [text.vocabSize, text.dim]);
    return buildShortTextGraph(text, this.#model.text);
  }

  condition(dit: DitName = 'generator'): Promise<Graph> {
    return this.#withWeights(graphName('condition', dit), () => buildConditionGraph(this.config, this.#weightsOf(dit)));
  }

  /** Whether {@link dit} has a pool, which may be empty: one graph for both, since each holds all weights in memory. */
  get activates(): boolean {
    return this.memory.activates;
  }

  /** Whether {@link dit} tells what it attended to: only what draws does. */
  tellsAttention(dit: DitName = 'generator'): boolean {
    return dit === 'generator' && (this.memory.tellsAttention ?? false);
  }

  dit(dit: DitName = 'generator'): Promise<Graph> {
    const keysOut = this.config.memory.positions.kind === 'absolute' ? 'roped' : 'plain';
    const { partialKeys, keptRows } = this;
    const pieces = this.attentionPieces;
    const products = this.#types.dit;
    const context = this.activates ? 'sparse' : 'dense';
    const textTokens = this.memory.extendsPrompt ? 'any' : 'prompt';
    const tellsAttention = this.tellsAttention(dit);
    const shape = { context, keysOut, partialKeys, keptRows, pieces, textTokens, tellsAttention } as const;
    const options = { ...shape, attention: this.#attention, products };
    return this.#withWeights(graphName('dit', dit), () => buildDitGraph(this.config, this.#weightsOf(dit), options));
  }

  /** For a stream's first latent frame. */
  decoderFirst(): Promise<Graph> {
    const { buildFirst } = this.videoDecoder;
    return buildFirst ? this.#withWeights('decoder-first', buildFirst) : this.decoder();
  }

  decoder(): Promise<Graph> {
    return this.#withWeights('decoder', this.videoDecoder.build);
  }

  /** What the encoder looks at, in pixels, and how many values it makes of one picture. */
  get pictureFrame(): { readonly width: number; readonly height: number; readonly latent: number } {
    const { latent } = this.config;
    const { latentWidth, latentHeight } = geometryOf(this.config);
    return {
      width: latentWidth * latent.spatialStride,
      height: latentHeight * latent.spatialStride,
      latent: latent.channels * latentHeight * latentWidth,
    };
  }

  /** What the encoder's graphs take and give. @throws ThroughlineError `model-missing` where the model has none */
  get videoEncoder(): VideoEncoder {
    const { config, encoder } = this.#model;
    if (encoder) return encoderOf(config, encoder.weights);
    throw new ThroughlineError(
      'model-missing',
      `The model ${config.name} has no encoder, so it cannot look at pictures.`,
      'Use a model that has one: the built-in model does.',
    );
  }

  /** For a picture, or a stream's first frame. */
  encoderFirst(): Promise<Graph> {
    return this.#withWeights('encoder-first', () => this.videoEncoder.buildFirst());
  }

  encoder(): Promise<Graph> {
    return this.#withWeights('encoder', () => this.videoEncoder.build());
  }

  assemble(pages: AssembledPages): Promise<Graph> {
    const ropeKeys = this.config.memory.positions.kind !== 'absolute';
    return this.#plain(`assemble-${pages.context}-${pages.pool}`, () =>
      buildAssembleGraph(this.config, pages, ropeKeys),
    );
  }

  /** A graph of the memory's own. */
  ofMemory({ name, weights, build }: MemoryGraph): Promise<Graph> {
    const parts = { weights: this.#model.dit, attention: this.#attention, products: this.#types.dit };
    const made = (): Uint8Array => build(this.config, parts);
    return weights === 'none' ? this.#plain(`memory-${name}`, made) : this.#withWeights(`memory-${name}`, made);
  }

  split(frames: number): Promise<Graph> {
    return this.#plain(`split-${frames}`, () => buildSplitGraph(this.config, frames));
  }

  async dispose(): Promise<void> {
    for (const graph of this.#loaded.values()) await (await graph).dispose();
    this.#loaded.clear();
  }

  #weightsOf(dit: DitName): ModelFolder['dit'] {
    const { memoryDit } = this.#model;
    if (dit === 'generator') return this.#model.dit;
    if (!memoryDit) throw new Error('this model has no second DiT');
    return memoryDit;
  }

  #withWeights(name: string, build: () => Uint8Array): Promise<Graph> {
    return this.#once(name, async () => {
      const file = join(this.#folder, `${name}${this.#nameEnding}.onnx`);
      const partial = `${file}.${process.pid}`;
      writeFileSync(partial, build());
      renameSync(partial, file);
      return this.#device.load(file);
    });
  }

  #plain(name: string, build: () => Uint8Array): Promise<Graph> {
    return this.#once(name, () => this.#device.loadBytes(name, build()));
  }

  #once(name: string, load: () => Promise<Graph>): Promise<Graph> {
    const known = this.#loaded.get(name);
    if (known) return known;
    const loading = load();
    this.#loaded.set(name, loading);
    loading.catch(() => this.#loaded.delete(name));
    return loading;
  }
}
