import { ThroughlineError } from '../../../shared/errors.ts';
import {
  type ComparedFilm,
  type Comparison,
  FilmMeasurer,
  fidelityOf,
  findReturns,
  measurePlan,
  memoriesOf,
  type Return,
  type ReturnFidelity,
} from '../../../shared/lab/index.ts';
import { choicesOf, type MemoryChoice } from '../../../shared/memories/index.ts';
import { type PlannedChunk, planStory, type RenderOverrides } from '../../../shared/recipes.ts';
import type { ModelInfo } from '../../../shared/render.ts';
import type { Report } from '../../../shared/report.ts';
import type { Story } from '../../../shared/story.ts';
import { chunksInRun, pathAsTree } from '../../farm/index.ts';
import type { ChunkStore } from '../../persistence/index.ts';
import type { ChunkEngine } from '../generation/chunk-engine.ts';
import { type Maker, makeTree } from '../generation/make-tree.ts';
import { type FilmChunk, type RenderEvent, renderStory } from '../generation/render-story.ts';
import { medianSeconds, reach } from './measure-cut.ts';

/** How long a worker of a farm should have a run in hand, in seconds. */
const secondsARun = 30;

/** A clip that the films begin with. */
export interface ComparedFootage {
  /** Of each chunk that shows it; the engine's owner knows their pictures. */
  readonly assets: readonly string[];
  /** What it shows in a chunk's place, [frames, height, width, 3]; null where it is over. */
  framesOf(chunk: number, size: { readonly width: number; readonly height: number }): Promise<Uint8Array | null>;
}

export interface CompareStoryOptions {
  readonly story: Story;
  readonly engine: ChunkEngine;
  readonly store: ChunkStore;
  /** As {@link memoriesOf} spells them. */
  readonly memories: readonly string[];
  /** Each memory makes a film with each of them. */
  readonly seeds: readonly number[];
  /** A farm: it makes what is missing of all films side by side. Without one `engine` makes film after film. */
  readonly farm?: Maker;
  /** So many chunks are missing of all films, and the farm begins to make them. */
  readonly onFarm?: (missing: number) => void;
  /** What the first chunks show instead of being generated, and the truth for those after them. */
  readonly footage?: ComparedFootage;
  /** Shots that should look alike, from 0; those that the prompts say by default. */
  readonly returns?: readonly Pick<Return, 'shot' | 'back'>[];
  /** Which film is being made, of all. */
  readonly onFilm?: (memory: string, seed: number, index: number, of: number) => void;
  readonly onEvent?: (event: RenderEvent) => void;
  /** Sees every chunk of every film, in order. */
  readonly onChunk?: (memory: string, seed: number, chunk: FilmChunk) => void;
  readonly signal?: AbortSignal;
}

/**
 * Makes the same story under each memory and measures the films. One engine makes them all, so weights and prompts are read
 * once, or a farm makes them side by side; chunks that were finished earlier, in whichever run, are found in the store, so that a comparison that was stopped goes
 * on where it was.
 * @throws ThroughlineError `bad-input` for a memory that the model does not have; what {@link renderStory} throws
 */
export async function compareStory(options: CompareStoryOptions): Promise<Comparison> {
  const { story, engine, store, memories, seeds, signal } = options;
  const { info } = engine;
  const choices = memories.map((memory) => choiceOf(memory, info));
  const prompts = story.shots.map(({ prompt }) => prompt);
  const found = findReturns(prompts, info.scene ?? null);
  const returns = options.returns?.map((asked) => namedReturn(asked, found, prompts.length)) ?? found;
  const asked = choices.flatMap((choice) => seeds.map((seed) => ({ choice, seed })));
  if (options.farm) await makeSideBySide(options, options.farm, asked);
  const films: ComparedFilm[] = [];
  for (const { choice, seed } of asked) {
    options.onFilm?.(choice.id, seed, films.length, asked.length);
    const overrides = overridesOf(options, choice, seed);
    const plan = planStory(story, info, overrides);
    const held = { given: [] as ReturnFidelity[], truth: [] as ReturnFidelity[] };
    const measurer = new FilmMeasurer(measurePlan(shotsOf(plan), returns), info.video);
    const report = await renderStory({
      ...{ story, engine, store, overrides },
      ...(options.farm ? { maker: options.farm } : {}),
      ...(options.onEvent ? { onEvent: options.onEvent } : {}),
      ...(signal ? { signal } : {}),
      onChunk: async (chunk) => {
        measurer.add(chunk.frames, chunk.frameCount);
        const { chunkIndex } = chunk.plan.recipe;
        const truth = await options.footage?.framesOf(chunkIndex, info.video);
        if (truth)
          held[chunk.plan.recipe.footage ? 'given' : 'truth'].push(fidelityOf(chunk.frames, truth, info.video));
        options.onChunk?.(choice.id, seed, chunk);
      },
    });
    films.push({
      memory: choice.id,
      policy: choice.policy,
      seed,
      keys: plan.map(({ key }) => key),
      measures: { ...measurer.result(), ...(options.footage ? held : {}) },
      // What several machines took says which of them were fast, and nothing of the memories.
      secondsPerChunk: options.farm ? null : secondsMade(report, options.footage?.assets.length ?? 0),
      ...reachOf(report, info),
    });
  }
  return {
    format: 'throughline-comparison',
    version: 1,
    story,
    model: { name: info.name, digest: info.digest, device: info.device },
    returns,
    films,
  };
}

/** What every film of a comparison has in common but its memory and seed. */
function overridesOf(
  { footage }: Pick<CompareStoryOptions, 'footage'>,
  { policy }: MemoryChoice,
  seed: number,
): RenderOverrides {
  return { policy, seed, ...(footage ? { footage: footage.assets } : {}) };
}

/** Has what is missing of all films made as one tree, so that no film waits for another. */
async function makeSideBySide(
  options: CompareStoryOptions,
  farm: Maker,
  asked: readonly { readonly choice: MemoryChoice; readonly seed: number }[],
): Promise<void> {
  const { story, engine, store, onFarm, signal } = options;
  const { info } = engine;
  const tree = asked.flatMap(({ choice, seed }) =>
    pathAsTree(planStory(story, info, overridesOf(options, choice, seed))),
  );
  const there = new Set<string>();
  for (const { key } of tree) if (store.isWhole(key)) there.add(key);
  store.touch([...there]);
  const missing = new Set(tree.flatMap(({ key }) => (there.has(key) ? [] : [key]))).size;
  if (missing === 0) return;
  onFarm?.(missing);
  await makeTree({
    ...{ tree, store, maker: farm, chunksAtMost: chunksInRun(null, secondsARun) },
    isThere: (key) => there.has(key),
    onMade: async ({ artifact }) => void there.add(artifact.key),
    ...(signal ? { signal } : {}),
  });
}

/** A return that a person names, called after its place where the prompts say one. */
function namedReturn({ shot, back }: Pick<Return, 'shot' | 'back'>, found: readonly Return[], shots: number): Return {
  if (shot >= back || back >= shots) {
    throw new ThroughlineError(
      'bad-input',
      `Shot ${back + 1} cannot return to shot ${shot + 1}: the story has ${shots} shots.`,
      'Name an earlier shot and a later one of the story, as 1:3.',
    );
  }
  const same = found.find((one) => one.shot === shot && one.back === back);
  return { place: same?.place ?? `shot ${shot + 1}`, shot, back };
}

/** @throws ThroughlineError `bad-input` naming the memories that the model has */
export function choiceOf(memory: string, model: Pick<ModelInfo, 'name' | 'memory' | 'adapters'>): MemoryChoice {
  const choice = choicesOf(model).find(({ id }) => id === memory);
  if (choice) return choice;
  throw new ThroughlineError(
    'bad-input',
    `The model ${model.name} has no memory called ${memory}.`,
    `It has: ${memoriesOf(model).join(', ')}.`,
  );
}

/** Shots as they were planned: how each begins is decided. */
export function shotsOf(plan: readonly PlannedChunk[]): { chunks: number; transition: 'continue' | 'cut' }[] {
  const shots: { chunks: number; transition: 'continue' | 'cut' }[] = [];
  for (const { shotIndex, recipe } of plan) {
    const shot = shots[shotIndex];
    if (shot) shot.chunks++;
    else shots[shotIndex] = { chunks: 1, transition: recipe.transition };
  }
  return shots;
}

/** Median time of the chunks that this run made, without those that were given; null where all were there. */
function secondsMade({ chunks }: Report, given: number): number | null {
  return medianSeconds(chunks.slice(given).flatMap(({ source, wallMs }) => (source === 'made' ? [wallMs] : [])));
}

function reachOf({ chunks }: Report, info: ModelInfo): Pick<ComparedFilm, 'framesReachable' | 'stateBytes'> {
  return reach(
    chunks.map(({ memory }) => memory),
    info,
  );
}
