import { setImmediate as nextMacrotask } from 'node:timers/promises';
import { throwIfCancelled } from '../../../shared/errors.ts';
import type { MemoryRecord } from '../../../shared/memory-record.ts';
import type { MemorySettings } from '../../../shared/memory-settings.ts';
import { pictureFrame } from '../../../shared/pictures.ts';
import type { ChunkPhase, ChunkRecipe } from '../../../shared/render.ts';
import type { FrameRef, MemoryState } from '../memory/memory-state.ts';
import type { MemoryModule, MemoryWork } from '../memory/module.ts';
import type { CommitPlan, ContextPlan, RecachePlan } from '../memory/policy.ts';
import { geometryOf } from '../model/config.ts';
import { schedule } from '../model/schedule.ts';
import type { Device } from '../runtime/device.ts';
import { AttentionContext, ownTimes } from './attention-context.ts';
import { ActivationCounter, AttentionNote, buildRecord, Stopwatch } from './chunk-record.ts';
import type { MemoryGuard } from './memory-guard.ts';
import { type ContextTensors, memoryHost } from './memory-host.ts';
import type { ModelGraphs } from './model-graphs.ts';
import type { PageStore } from './page-store.ts';
import type { Passes } from './passes.ts';
import { pictureRefs } from './picture-memory.ts';
import type { PreparedPrompt } from './prompt.ts';

/** What one chunk needs from outside. */
export interface ChunkInputs {
  readonly recipe: ChunkRecipe;
  readonly prompt: PreparedPrompt;
  /** The empty prompt, prepared for the weights that commit; only where the memory commits under it. */
  readonly emptyPrompt?: PreparedPrompt;
  /** Name of the passes made here: the chunk's key. */
  readonly pass: string;
  /** Standard normal values for [chunkFrames, channels, height, width]: 0 is the start, i what follows step i-1. */
  readonly noise: (step: number) => Float32Array;
  /** Clean latents of recent frames, for a recache: [count, channels, height, width]. */
  readonly pastLatents: (firstFrame: number, count: number) => Promise<Float32Array>;
  /** Replay: the latents this chunk is known to have. Nothing is denoised and no record is made. */
  readonly knownLatents?: Float32Array;
  /** What the recipe's footage shows, as the encoder sees it: taken for what would be generated. */
  readonly footage?: Float32Array;
  /** What the recipe's first frame shows, [channels, height, width]; only where it has one. */
  readonly firstFrame?: Float32Array;
  /** The same as a still clip, [chunkFrames, channels, height, width]; where the film goes on from its first frame. */
  readonly lead?: Float32Array;
  readonly onPhase?: (phase: ChunkPhase) => void;
  /** Takes the present estimate of the clean latents between two steps, counted from 1; changes nothing. */
  readonly onEstimate?: (step: number, estimate: () => Float32Array) => Promise<void>;
  readonly signal?: AbortSignal;
}

export interface GeneratedChunk {
  readonly latents: Float32Array;
  readonly memory: MemoryState;
  /** Null for a replay; its `decodeMs` is still to be filled in. */
  readonly record: MemoryRecord | null;
  /** Per layer, the frames in the bank while the window was recached; null if it was not. */
  readonly recacheBank: readonly (readonly number[])[] | null;
}

/** What is noted of a chunk's denoising steps, for its record. */
interface StepNotes {
  readonly counter: ActivationCounter;
  readonly attention: AttentionNote;
  readonly watch: Stopwatch;
}

/** Makes chunks: retrieve, recache, make the context, denoise, commit. Pages go to the store; the memory state is handed from chunk to chunk. */
export class ChunkGenerator {
  readonly #graphs: ModelGraphs;
  readonly #passes: Passes;
  readonly #pages: PageStore;
  readonly #memory: MemoryModule;
  readonly #guard: MemoryGuard | undefined;
  readonly #work: MemoryWork;

  /**
   * @param session.guard asked before a context is made; left out where memory is not planned
   * @param session.storedFrameBytes of one frame's pages as they are stored; left out where that is not known
   */
  constructor(
    device: Device,
    graphs: ModelGraphs,
    passes: Passes,
    pages: PageStore,
    session: { readonly guard?: MemoryGuard; readonly storedFrameBytes?: number } = {},
  ) {
    this.#graphs = graphs;
    this.#passes = passes;
    this.#pages = pages;
    this.#memory = graphs.memory;
    this.#guard = session.guard;
    const keeping = { round: passes.round, storedFrameBytes: session.storedFrameBytes ?? null };
    this.#work = graphs.memory.open(memoryHost(device, graphs, pages, keeping));
  }

  /**
   * @param before the state after the parent chunk; not changed
   * @throws CancelledError within one denoising step of the signal
   */
  async generate(before: MemoryState, inputs: ChunkInputs): Promise<GeneratedChunk> {
    const { recipe, prompt, signal } = inputs;
    const { transition } = recipe;
    const settings = withPins(recipe);
    // Nothing is made of a chunk that is known, where nothing is kept of it.
    if (inputs.knownLatents && !this.#memory.commits) {
      const { state } = await this.#afterwards(before, settings, inputs, inputs.knownLatents);
      return { latents: inputs.knownLatents, memory: state, record: null, recacheBank: null };
    }
    const watch = new Stopwatch();

    inputs.onPhase?.({ phase: 'retrieving' });
    const known = this.#withPictures(before, recipe);
    const { candidates } = this.#memory.retrieval(known, settings, transition, recipe.prompt);
    const retrieval = await this.#work.score(prompt, candidates);
    const plan = this.#memory.plan(known, settings, transition, recipe.prompt, retrieval.scores);
    watch.lap('retrieve');
    let state = plan.state;
    if (plan.recache) {
      inputs.onPhase?.({ phase: 'recaching' });
      state = await this.#recache(plan.recache, before.frames, inputs);
    }
    watch.lap('recache');
    throwIfCancelled(signal, 'This chunk');

    const contextPlan = plan.context(state);
    const context = await this.#context(contextPlan, before, inputs);
    try {
      const counter = new ActivationCounter(context, this.#graphs.config.dit.heads, recipe.sampler.steps.length);
      const attention = new AttentionNote(context);
      if (recipe.footage && !inputs.knownLatents && !inputs.footage)
        throw new Error('the recipe has footage, and none was given');
      const latents =
        inputs.knownLatents ??
        inputs.footage ??
        (await this.#withLead(contextPlan, before, inputs, (lead) =>
          this.#denoise(lead ?? context, before.frames, inputs, { counter, attention, watch }),
        ));
      inputs.onPhase?.({ phase: 'committing' });
      const commit = await this.#commit(context, latents, state, settings, inputs);
      watch.lap('commit');
      const record = inputs.knownLatents
        ? null
        : await buildRecord({
            graphs: this.#graphs,
            before,
            commit,
            contextPlan,
            candidates,
            retrieval,
            prompt,
            recipe,
            recached: plan.recache !== null,
            // Of footage nothing looked at the context but the commit.
            activation: inputs.footage ? null : counter.result(),
            attended: attention.result(),
            watch,
          });
      const recacheBank = plan.recache?.context.bank.map((refs) => refs.map(({ frame }) => frame)) ?? null;
      return { latents, memory: commit.state, record, recacheBank };
    } finally {
      context.dispose();
    }
  }

  /** The state with the recipe's pictures in it; {@link PictureMemory.lookAt} has made their pages. */
  #withPictures(before: MemoryState, { pictures = [] }: ChunkRecipe): MemoryState {
    if (this.#memory.withPictures) return this.#memory.withPictures(before, pictureRefs(pictures));
    if (pictures.length === 0) return before;
    throw new Error('this memory cannot remember pictures, and the recipe has some');
  }

  /** The pages that a plan names, side by side, or what the module itself makes of clean latents. */
  async #context(plan: ContextPlan, before: MemoryState, inputs: ChunkInputs): Promise<AttentionContext> {
    const { frames: firstFrame } = before;
    this.#guard?.checkAttended(
      plan.sink.length + Math.max(0, ...plan.bank.map((refs) => refs.length)) + plan.window.length,
    );
    if (!plan.packs) return AttentionContext.assemble(this.#graphs, this.#pages, plan, firstFrame);
    const [firstTime] = ownTimes(this.#graphs, firstFrame, 1, firstFrame, null);
    const parts = await this.#work.makeContext?.({
      state: before,
      packs: plan.packs,
      prompt: inputs.prompt,
      reference: this.#reference(inputs),
      firstFrame,
      firstTime: firstTime as number,
      latents: inputs.pastLatents,
    });
    return AttentionContext.made(this.#graphs, (parts ?? []) as readonly ContextTensors[]);
  }

  async #recache(plan: RecachePlan, chunkFirstFrame: number, inputs: ChunkInputs): Promise<MemoryState> {
    const context = await AttentionContext.assemble(this.#graphs, this.#pages, plan.context, chunkFirstFrame);
    try {
      const pages = await this.#passes.commit({
        latents: await inputs.pastLatents(plan.firstFrame, plan.frames),
        times: ownTimes(this.#graphs, plan.firstFrame, plan.frames, chunkFirstFrame, context),
        timestep: 0,
        prompt: inputs.prompt,
        context,
        keyFrames: plan.keyFrames,
      });
      const pass = `${inputs.pass}:recache`;
      for (const [i, framePages] of pages.entries()) this.#pages.put({ frame: plan.firstFrame + i, pass }, framePages);
      await this.#pages.trim();
      return plan.apply(pass);
    } finally {
      context.dispose();
    }
  }

  /**
   * A chunk that begins with a given frame does not see it in its first step, where every frame is noise: frames after it would be of
   * another picture. So it looks back on the frame as if it had stood still before, as a chunk looks back on the one before it. Only
   * while it is denoised: what is kept of the chunk is as ever, and a replay needs no picture. Memories whose pages are not the
   * generator's, under the chunk's prompt and counted from the chunk at work, do without.
   */
  async #withLead<T>(
    plan: ContextPlan,
    before: MemoryState,
    inputs: ChunkInputs,
    use: (lead: AttentionContext | null) => Promise<T>,
  ): Promise<T> {
    const { commits } = this.#memory;
    const { dit, sampler, memory } = this.#graphs.config;
    const canLead = commits?.dit === 'generator' && commits.prompt === 'chunk' && memory.positions.kind === 'relative';
    const { lead, prompt } = inputs;
    if (!lead || !canLead || plan.packs || before.frames > 0) return use(null);
    const { chunkFrames } = sampler;
    const nothing = { sink: [], window: [], bank: Array.from({ length: dit.layers }, () => []), activation: null };
    const alone = await AttentionContext.assemble(this.#graphs, this.#pages, nothing, 0);
    const times = ownTimes(this.#graphs, 0, chunkFrames, 0, alone);
    const pages = await this.#passes
      .commit({ latents: lead, times, timestep: 0, prompt, context: alone })
      .finally(() => alone.dispose());
    const refs = pages.map((_, i): FrameRef => ({ frame: i - chunkFrames, pass: `${inputs.pass}:lead` }));
    for (const [i, framePages] of pages.entries()) this.#pages.put(refs[i] as FrameRef, framePages);
    const window = refs.slice(Math.max(0, chunkFrames - inputs.recipe.memory.windowFrames));
    const context = await AttentionContext.assemble(this.#graphs, this.#pages, { ...plan, window }, 0);
    try {
      return await use(context);
    } finally {
      context.dispose();
    }
  }

  /** Few-step flow matching: x0 = x - sigma v, then on to the next sigma (docs/model-format.md, "One chunk"). */
  async #denoise(
    context: AttentionContext,
    firstFrame: number,
    inputs: ChunkInputs,
    { counter, attention, watch }: StepNotes,
  ): Promise<Float32Array> {
    const { sampler } = inputs.recipe;
    const steps = schedule(sampler.steps, this.#graphs.config.sampler.shift);
    const times = ownTimes(this.#graphs, firstFrame, this.#graphs.config.sampler.chunkFrames, firstFrame, context);
    const { firstFrame: given } = inputs;
    if (inputs.recipe.firstFrame && !given) throw new Error('the recipe has a first frame, and none was given');
    let x = inputs.noise(0);
    if (given) x = withGiven(x, given, steps[0]?.sigma ?? 1, inputs.noise(0));
    for (const [i, { sigma, timestep }] of steps.entries()) {
      inputs.onPhase?.({ phase: 'denoising', step: i + 1, of: steps.length });
      const { velocity, activated, attended } = await this.#passes.velocity({
        latents: x,
        times,
        timestep,
        prompt: inputs.prompt,
        context,
        tellsAttention: i === steps.length - 1, // when there is a picture to see
      });
      counter.add(activated);
      attention.take(attended);
      const noisy = x;
      const nextSigma = steps[i + 1]?.sigma ?? 0;
      const fresh = sampler.kind === 'renoise' && nextSigma > 0 ? inputs.noise(i + 1) : null;
      x = fresh
        ? x.map(
            (value, j) =>
              (1 - nextSigma) * (value - sigma * (velocity[j] as number)) + nextSigma * (fresh[j] as number),
          )
        : x.map((value, j) => value + (nextSigma - sigma) * (velocity[j] as number));
      if (given) x = withGiven(x, given, nextSigma, fresh ?? inputs.noise(0));
      watch.step();
      if (nextSigma > 0)
        await inputs.onEstimate?.(i + 1, () => noisy.map((value, j) => value - sigma * (velocity[j] as number)));
      await nextMacrotask(); // lets a cancel message in
      throwIfCancelled(inputs.signal, 'This chunk');
    }
    return x;
  }

  async #commit(
    context: AttentionContext,
    latents: Float32Array,
    state: MemoryState,
    settings: MemorySettings,
    inputs: ChunkInputs,
  ): Promise<CommitPlan> {
    const frames = this.#graphs.config.sampler.chunkFrames;
    const { commits } = this.#memory;
    if (!commits) return this.#afterwards(state, settings, inputs, latents);
    const prompt = commits.prompt === 'empty' ? inputs.emptyPrompt : inputs.prompt;
    if (!prompt) throw new Error('this memory commits under the empty prompt, and none was given');
    const pages = await this.#passes.commit({
      latents,
      times: ownTimes(this.#graphs, state.frames, frames, state.frames, context),
      timestep: 0,
      prompt,
      context,
      dit: commits.dit,
    });
    for (const [i, framePages] of pages.entries())
      this.#pages.put({ frame: state.frames + i, pass: inputs.pass }, framePages);
    await this.#pages.trim();
    return this.#afterwards(state, settings, inputs, latents);
  }

  /** The state with the finished chunk in it. */
  async #afterwards(
    state: MemoryState,
    settings: MemorySettings,
    inputs: ChunkInputs,
    latents: Float32Array,
  ): Promise<CommitPlan> {
    const { recipe, prompt, pass } = inputs;
    const frames = this.#graphs.config.sampler.chunkFrames;
    const commit = this.#memory.commit(state, settings, recipe.prompt, frames, pass);
    const chunk = { prompt, settings, pass, latents, reference: this.#reference(inputs) };
    return { ...commit, state: (await this.#work.afterCommit?.(commit.state, chunk)) ?? commit.state };
  }

  /** A first frame that was given stands in the chunk as it was given: a replay finds it there. */
  #reference({ recipe, firstFrame, knownLatents }: ChunkInputs): Float32Array | null {
    if (!recipe.firstFrame) return null;
    return firstFrame ?? knownLatents?.slice(0, latentFrameSize(this.#graphs)) ?? null;
  }
}

/** The settings with the pictures that always sit in the bank. */
function withPins({ memory, pictures = [] }: ChunkRecipe): MemorySettings {
  const pins = pictures.flatMap(({ name, pinned }, i) => (pinned ? [{ frame: pictureFrame(i), name }] : []));
  return pins.length === 0 ? memory : { ...memory, pins: [...pins, ...memory.pins] };
}

/** The frames `x` with the first of them as noisy as the rest and otherwise as it was given: clean where sigma is 0. */
function withGiven(x: Float32Array, given: Float32Array, sigma: number, noise: Float32Array): Float32Array {
  const out = x.slice();
  for (const [i, clean] of given.entries()) out[i] = (1 - sigma) * clean + sigma * (noise[i] as number);
  return out;
}

/** Values of one latent frame. */
export function latentFrameSize(graphs: ModelGraphs): number {
  const { latentHeight, latentWidth } = geometryOf(graphs.config);
  return graphs.config.latent.channels * latentHeight * latentWidth;
}
