import type { DitName } from '../memory/module.ts';
import { relativeBuckets } from '../model/text-graph.ts';
import type { EncodedPrompt, PromptTokenizer } from '../model/tokenizer/index.ts';
import type { Device } from '../runtime/device.ts';
import type { DeviceTensor } from '../runtime/device-tensor.ts';
import { hostFloats, hostInts } from '../runtime/graph.ts';
import { withTensors } from '../runtime/tensor-scope.ts';
import { keptPrompts } from './memory-plan.ts';
import type { ModelGraphs } from './model-graphs.ts';

/** A prompt as the DiT meets it: cross-attention K/V of every layer. Owned by the {@link PromptEncoder}. */
export interface PreparedPrompt {
  /** Real tokens, the end token included. */
  readonly length: number;
  readonly words: EncodedPrompt['words'];
  /** Per layer, [1, heads, textLength, headDim]. */
  readonly textK: readonly DeviceTensor[];
  readonly textV: readonly DeviceTensor[];
  /** As the encoder made it, [length, textDim]; only where a memory asks for it. */
  readonly embedding?: Float32Array;
}

/** Tokenizes and encodes prompts, keeping the last few. */
export class PromptEncoder {
  readonly #device: Device;
  readonly #graphs: ModelGraphs;
  readonly #tokenizer: PromptTokenizer;
  readonly #prepared = new Map<string, PreparedPrompt>();

  constructor(device: Device, graphs: ModelGraphs, tokenizer: PromptTokenizer) {
    this.#device = device;
    this.#graphs = graphs;
    this.#tokenizer = tokenizer;
  }

  /** @param dit whose cross-attention it is for */
  async prepare(prompt: string, dit: DitName = 'generator'): Promise<PreparedPrompt> {
    const key = `${dit}:${prompt}`;
    const known = this.#prepared.get(key);
    if (known) {
      this.#prepared.delete(key);
      this.#prepared.set(key, known);
      return known;
    }
    const encoded = this.#tokenizer.encode(prompt);
    const embedding = await this.embed(encoded);
    const real = embedding.slice(0, encoded.length * this.#graphs.config.text.dim);
    const prepared: PreparedPrompt = {
      ...(await conditionOn(this.#graphs, embedding, encoded, dit)),
      ...(this.#graphs.memory.extendsPrompt ? { embedding: real } : {}),
    };
    this.#prepared.set(key, prepared);
    const [oldest] = this.#prepared.keys();
    if (this.#prepared.size > keptPrompts(this.#graphs.config) && oldest !== undefined) {
      disposePrompt(this.#prepared.get(oldest) as PreparedPrompt);
      this.#prepared.delete(oldest);
    }
    return prepared;
  }

  /** [textLength, textDim], rows of padding zero. */
  async embed(encoded: Pick<EncodedPrompt, 'ids' | 'length'>): Promise<Float32Array> {
    const { textLength, quantized } = this.#graphs.config.text;
    if (quantized) return this.#embedShort(encoded);
    const mask = Float32Array.from({ length: textLength }, (_, i) => (i < encoded.length ? 1 : 0));
    const text = await this.#graphs.text();
    return withTensors(async (scope) => {
      const feeds = { ids: hostInts(encoded.ids), mask: hostFloats(mask, [textLength]) };
      const { embedding } = scope.ownAll(await text.run(feeds, ['embedding']));
      return Float32Array.from(await this.#device.download(embedding));
    });
  }

  /** At the prompt's true length, by an encoder that is loaded for it alone; rows of padding are zero. */
  async #embedShort({ ids, length }: Pick<EncodedPrompt, 'ids' | 'length'>): Promise<Float32Array> {
    const { text } = this.#graphs.config;
    const real = ids.slice(0, length);
    const kept = this.#graphs.embeddings.read(real, length * text.dim);
    const whole = new Float32Array(text.textLength * text.dim);
    if (kept) {
      whole.set(kept);
      return whole;
    }
    const graph = await this.#graphs.text();
    try {
      await withTensors(async (scope) => {
        const feeds = {
          words: hostFloats(this.#graphs.wordRows(real), [length, text.dim]),
          buckets: hostInts(relativeBuckets(length, text.buckets, text.maxDistance), [length, length]),
        };
        const { embedding } = scope.ownAll(await graph.run(feeds, ['embedding']));
        whole.set(await this.#device.download(embedding));
      });
    } finally {
      await this.#graphs.letGoOfText();
    }
    this.#graphs.embeddings.write(real, whole.subarray(0, length * text.dim));
    return whole;
  }

  dispose(): void {
    for (const prompt of this.#prepared.values()) disposePrompt(prompt);
    this.#prepared.clear();
  }
}

/**
 * Cross-attention K/V from an encoder output. The caller owns the result.
 * @param context [textLength, textDim]
 * @param whose weights it is for
 */
export async function conditionOn(
  graphs: ModelGraphs,
  context: Float32Array,
  { length, words }: Pick<EncodedPrompt, 'length' | 'words'>,
  whose: DitName = 'generator',
): Promise<PreparedPrompt> {
  const { text, dit } = graphs.config;
  const layers = Array.from({ length: dit.layers }, (_, i) => i);
  const condition = await graphs.condition(whose);
  const out = await condition.run(
    { context: hostFloats(context, [text.textLength, text.dim]) },
    layers.flatMap((i) => [`text_k.${i}`, `text_v.${i}`]),
  );
  const pick = (name: string): DeviceTensor[] => layers.map((i) => out[`${name}.${i}`] as DeviceTensor);
  return { length, words, textK: pick('text_k'), textV: pick('text_v') };
}

export function disposePrompt(prompt: PreparedPrompt): void {
  for (const tensor of [...prompt.textK, ...prompt.textV]) tensor.dispose();
}
