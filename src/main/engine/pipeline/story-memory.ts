import { ThroughlineError, throwIfCancelled } from '../../../shared/errors.ts';
import type { ChunkPhase, ChunkRecipe, ChunkResult } from '../../../shared/render.ts';
import type { MemoryState } from '../memory/memory-state.ts';
import type { MemoryModule } from '../memory/module.ts';
import { gaussianNoise } from '../model/noise.ts';
import type { Ancestor, ChunkRequest, MoveMode, MoveReport } from '../protocol.ts';
import { type ChunkInputs, latentFrameSize } from './chunk-generator.ts';
import type { DecoderStream } from './decoder-stream.ts';
import { FootageLatents } from './footage-latents.ts';
import { LatentTail } from './latent-tail.ts';
import type { ModelSession } from './model-session.ts';
import { MoveCosts, planMove } from './move-plan.ts';
import { PictureLatents } from './picture-latents.ts';
import { PictureMemory } from './picture-memory.ts';
import { PreviewClock } from './preview-clock.ts';
import type { StateCache } from './state-cache.ts';

/** What running a chunk needs from whoever asked for it. */
export interface StoryOwner {
  latentsOf(key: string): Promise<Float32Array | null>;
  pictureOf(asset: string, width: number, height: number): Promise<Uint8Array | null>;
  onPhase(phase: ChunkPhase): void;
  /** Takes a picture of the chunk being made. */
  onPreview(step: number, frames: Uint8Array, frameCount: number): void;
}

/** What is loaded just now: the memory after one chunk. */
interface Position {
  /** Key of that chunk; null before the first. */
  readonly key: string | null;
  readonly memory: MemoryState;
}

/**
 * One model walking through stories: holds the memory after one chunk, makes the next, and moves to any other point by
 * restoring a stored state or replaying known latents. From scratch, restored and replayed give the same numbers.
 */
export class StoryMemory {
  readonly #session: ModelSession;
  readonly #cache: StateCache | null;
  readonly #owner: StoryOwner;
  readonly #pictures: PictureMemory;
  readonly #footage: FootageLatents;
  readonly #costs = new MoveCosts();
  readonly #tail: LatentTail;
  #decoder: DecoderStream;
  #position: Position;

  constructor(session: ModelSession, cache: StateCache | null, owner: StoryOwner) {
    this.#session = session;
    this.#cache = cache;
    this.#owner = owner;
    this.#decoder = session.decoderStream();
    this.#position = this.#beginning();
    const { device, graphs, passes, pages, prompts } = session;
    const latents = new PictureLatents(device, graphs, owner);
    this.#pictures = new PictureMemory({ latents, graphs, passes, pages, prompts });
    this.#footage = new FootageLatents(device, graphs, owner);
    this.#tail = new LatentTail(latentFrameSize(session.graphs), session.info.chunkFrames, owner);
  }

  /** @throws CancelledError within one denoising step of the signal; the memory then is as before the chunk */
  async renderChunk(request: ChunkRequest, signal: AbortSignal, { preview = false } = {}): Promise<ChunkResult> {
    const { recipe } = request;
    this.#checkRequest(request);
    await this.moveTo(request.ancestors, 'auto', signal);
    const before = this.#position;
    const onEstimate = (step: number, estimate: () => Float32Array) => this.#preview(before, step, estimate);
    const { latents, record } = await this.#commit(request, undefined, signal, {
      footage: () => this.#footageOf(request),
      ...(preview ? { onEstimate } : {}),
    });
    if (!record) throw new Error('a rendered chunk has a record');

    this.#owner.onPhase({ phase: 'decoding' });
    const startedAt = performance.now();
    await this.#warmDecoder(before);
    const { frames, frameCount } = await this.#decoder.decode(latents);
    this.#decodedTo = request.key;
    const decodeMs = Math.round((performance.now() - startedAt) * 10) / 10;
    this.#cache?.forget(request.key);
    await this.#store(request.key);
    return {
      latents,
      frames,
      frameCount,
      record: { ...record, chunkIndex: recipe.chunkIndex, timings: { ...record.timings, decodeMs } },
    };
  }

  /** Brings the memory to the state after the last of `ancestors` (the empty state if there are none). */
  async moveTo(ancestors: readonly Ancestor[], mode: MoveMode, signal: AbortSignal): Promise<MoveReport> {
    const startedAt = performance.now();
    const target = ancestors.at(-1)?.key ?? null;
    const done = (restored: boolean, replayed: number): MoveReport => ({
      restored,
      replayed,
      elapsedMs: performance.now() - startedAt,
    });
    if (mode === 'auto' && this.#position.key === target) return done(false, 0);

    const keys = ancestors.map(({ key }) => key);
    const stored = mode === 'replay' ? -1 : keys.lastIndexOf(this.#cache?.nearest(keys) ?? '');
    const current = mode === 'auto' && this.#position.key !== null ? keys.indexOf(this.#position.key) : -1;
    if (mode === 'restore' && stored !== keys.length - 1) {
      throw new ThroughlineError(
        'state-missing',
        'No stored memory state was found for this chunk.',
        'Replay it instead.',
      );
    }
    const plan = planMove({ length: keys.length, stored, current, costs: mode === 'auto' ? this.#costs : null });
    await this.#tail.follow(ancestors.slice(0, plan.from + 1));
    let restored = false;
    if (plan.start === 'restore') restored = await this.#restore(keys[plan.from] as string);
    if (plan.start !== 'stay' && !restored) this.#reset();
    const first = plan.start === 'restore' && !restored ? 0 : plan.from + 1;
    if (first === 0) await this.#tail.follow([]);
    await this.#replay(ancestors.slice(first), signal);
    return done(restored, keys.length - first);
  }

  /** Writes the present state to the cache. @throws ThroughlineError if there is no cache */
  async snapshot(): Promise<void> {
    const { key } = this.#position;
    if (!this.#cache)
      throw new ThroughlineError(
        'state-missing',
        'There is no cache file to write the state to.',
        'Name one when the engine is started.',
      );
    if (key !== null) await this.#store(key);
  }

  dispose(): void {
    this.#decoder.dispose();
    this.#footage.dispose();
    this.#session.pages.dispose();
  }

  /** Key of the chunk the decoder stands after; null where it must be warmed. */
  #decodedTo: string | null = null;
  readonly #previews = new PreviewClock();

  #beginning(): Position {
    return { key: null, memory: this.#session.graphs.memory.state.empty(this.#session.info.layers) };
  }

  #reset(): void {
    this.#setPosition(this.#beginning());
  }

  #setPosition(position: Position): void {
    this.#position = position;
    this.#session.pages.keepOnly(this.#session.graphs.memory.state.references(position.memory));
  }

  async #restore(key: string): Promise<boolean> {
    const startedAt = performance.now();
    const memory = await this.#cache?.load(key);
    if (!memory) return false;
    this.#setPosition({ key, memory });
    this.#costs.restored(performance.now() - startedAt);
    return true;
  }

  async #replay(ancestors: readonly Ancestor[], signal: AbortSignal): Promise<void> {
    for (const [i, ancestor] of ancestors.entries()) {
      this.#owner.onPhase({ phase: 'restoring', done: i, of: ancestors.length });
      const startedAt = performance.now();
      const latents = await this.#tail.fetch(ancestor);
      throwIfCancelled(signal, 'Restoring the memory');
      await this.#commit(ancestor, latents, signal);
      this.#costs.replayed(performance.now() - startedAt);
    }
  }

  /** Makes the chunk, or replays it, and moves the position past it. */
  async #commit(
    { key, recipe }: Ancestor,
    knownLatents: Float32Array | undefined,
    signal: AbortSignal,
    making: Pick<ChunkInputs, 'onEstimate'> & { readonly footage?: () => Promise<Float32Array | null> } = {},
  ) {
    const { generator, graphs, info, prompts } = this.#session;
    this.#owner.onPhase({ phase: 'encoding prompt' });
    const length = info.chunkFrames * latentFrameSize(graphs);
    const before = this.#position;
    const { commits } = graphs.memory;
    try {
      if (graphs.memory.withPictures) await this.#pictures.lookAt(recipe.pictures ?? []);
      const firstFrame = knownLatents
        ? null
        : recipe.firstFrame && (await this.#pictures.latents.of(recipe.firstFrame.asset));
      const still = !knownLatents && recipe.firstFrame?.leads ? recipe.firstFrame.asset : null;
      const lead = still && (await this.#pictures.latents.still(still, info.chunkFrames));
      const footage = knownLatents ? null : await making.footage?.();
      const made = await generator.generate(before.memory, {
        recipe,
        prompt: await prompts.prepare(recipe.prompt),
        ...(commits?.prompt === 'empty' ? { emptyPrompt: await prompts.prepare('', commits.dit) } : {}),
        pass: key,
        noise: (step) => gaussianNoise(recipe.seed, recipe.chunkIndex, step, length),
        pastLatents: (first, count) => this.#tail.frames(first, count),
        ...(firstFrame ? { firstFrame } : {}),
        ...(lead ? { lead } : {}),
        ...(knownLatents ? { knownLatents } : {}),
        ...(footage ? { footage } : {}),
        ...(making.onEstimate ? { onEstimate: making.onEstimate } : {}),
        onPhase: (phase) => this.#owner.onPhase(phase),
        signal,
      });
      this.#tail.append({ key, recipe }, made.latents);
      this.#setPosition({ key, memory: made.memory });
      return made;
    } catch (error) {
      this.#setPosition(before); // frees the pages of a recache that led nowhere
      throw error;
    }
  }

  /** What a chunk shows that is given; null where it is to be generated. */
  async #footageOf({ recipe, ancestors }: ChunkRequest): Promise<Float32Array | null> {
    if (!recipe.footage) return null;
    const all = [...ancestors.map((ancestor) => ancestor.recipe), recipe];
    return this.#footage.of(all.flatMap(({ footage }) => (footage ? [footage.asset] : [])));
  }

  /** At a branch the decoder's state is rebuilt from the few latents before; exact (`warmFrames`). */
  async #warmDecoder({ key, memory }: Position): Promise<void> {
    if (this.#decodedTo === key && key !== null) return;
    this.#decoder.dispose();
    this.#decoder = this.#session.decoderStream();
    this.#decodedTo = null;
    const { frames } = memory;
    const from = Math.max(0, frames - this.#session.graphs.videoDecoder.warmFrames);
    if (frames > from) await this.#decoder.decode(await this.#tail.frames(from, frames - from));
    this.#decodedTo = key;
  }

  /** Shows the first latent frame as it is estimated now, seldom enough to cost little. */
  async #preview(before: Position, step: number, estimate: () => Float32Array): Promise<void> {
    if (!this.#previews.isDue()) return;
    const startedAt = performance.now();
    await this.#warmDecoder(before);
    const latents = estimate().subarray(0, latentFrameSize(this.#session.graphs));
    const { frames, frameCount } = await this.#decoder.peek(latents);
    this.#previews.took(performance.now() - startedAt);
    this.#owner.onPreview(step, frames, frameCount);
  }

  async #store(key: string): Promise<void> {
    await this.#cache?.store(key, this.#position.memory);
  }

  #checkRequest({ recipe, ancestors }: ChunkRequest): void {
    const { config } = this.#session.graphs;
    if (recipe.chunkIndex !== ancestors.length) {
      throw new ThroughlineError(
        'bad-input',
        `Chunk ${recipe.chunkIndex} was asked for after ${ancestors.length} chunks.`,
        'Name every chunk before it, in order.',
      );
    }
    const { positions } = config.memory;
    const lastFrame = (recipe.chunkIndex + 1) * config.sampler.chunkFrames;
    if (positions.kind === 'absolute' && lastFrame > config.dit.ropeTableLength) {
      throw storyTooLong(lastFrame, config.dit.ropeTableLength);
    }
    this.#checkPictures(recipe, ancestors);
    checkSettings(
      recipe,
      this.#session.graphs.memory,
      positions.kind === 'relative' ? positions.current : Number.POSITIVE_INFINITY,
    );
  }

  #checkPictures({ chunkIndex, pictures = [], firstFrame, footage }: ChunkRecipe, before: readonly Ancestor[]): void {
    const { graphs, info } = this.#session;
    const wanted = [...pictures, ...(firstFrame ? [firstFrame] : []), ...(footage ? [footage] : [])];
    if (wanted.length === 0) return;
    void graphs.videoEncoder; // says so where there is none
    const bad = (what: string, hint: string) => new ThroughlineError('bad-input', what, hint);
    if (wanted.some(({ encoder }) => encoder !== info.encoder))
      throw bad('A picture of this recipe was looked at by another encoder.', 'Plan the story for this model.');
    if (pictures.length > 0 && !graphs.memory.withPictures)
      throw bad(
        `The memory "${graphs.memory.mode}" cannot remember pictures, and the recipe has some.`,
        'Use another model, or no pictures.',
      );
    if (footage && (firstFrame || before.some(({ recipe }) => !recipe.footage)))
      throw bad(
        `Chunk ${chunkIndex} was given footage, and a chunk before it or its first frame was not taken from footage.`,
        'Give footage from the first chunk on.',
      );
    if (firstFrame && chunkIndex > 0)
      throw bad(`Chunk ${chunkIndex} was given a first frame.`, 'Only the first chunk of a story can have one.');
  }
}

export function storyTooLong(frames: number, limit: number): ThroughlineError {
  return new ThroughlineError(
    'story-too-long',
    `This model has positions for ${limit} latent frames, and the story needs ${frames}.`,
    'Shorten the story, or use a model with relative positions.',
  );
}

function checkSettings({ memory, sampler }: ChunkRecipe, module: MemoryModule, room: number): void {
  const { mode } = module;
  if (memory.mode !== mode)
    throw new ThroughlineError(
      'bad-input',
      `The model remembers in "${mode}" mode, and the recipe asks for "${memory.mode}".`,
      "Use the model's own mode.",
    );
  const objection = module.objection(memory);
  if (objection) throw new ThroughlineError('bad-input', objection, "Use the model's own settings.");
  if (memory.windowFrames > room)
    throw new ThroughlineError(
      'bad-input',
      `The model has positions for a window of ${room} frames, not ${memory.windowFrames}.`,
      'Use a shorter window.',
    );
  const falling = sampler.steps.every(
    (step, i) => step >= 1 && step <= 1000 && (i === 0 || step < (sampler.steps[i - 1] as number)),
  );
  if (sampler.steps.length === 0 || !falling)
    throw new ThroughlineError(
      'bad-input',
      `The denoising steps [${sampler.steps}] must fall, from 1000 at most to 1 at least.`,
      'For example 1000, 750, 500, 250.',
    );
}
