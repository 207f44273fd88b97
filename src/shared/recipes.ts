import { ThroughlineError } from './errors.ts';
import { type Footage, givenChunks, requireEncoder } from './footage.ts';
import { chunkKey, type ModelIdentity } from './keys.ts';
import {
  adapterFilesOf,
  adapterModeOf,
  choiceWithin,
  holdsSetting,
  memoryChoice,
  memoryKind,
} from './memories/index.ts';
import type { MemoryOverrides, MemorySettings, PolicyName } from './memory-settings.ts';
import { type Picture, picturesAlong, type RecipePicture } from './pictures.ts';
import type { ChunkRecipe, ModelInfo, SamplerSettings } from './render.ts';
import { type Beginning, beginShot, type Scene } from './scene/index.ts';
import type { PromptTelling, Shot, Story } from './story.ts';
import { Teller } from './told-prompts.ts';

/** What a person asks for this once; stronger than anything the story or the model says. */
export interface RenderOverrides {
  /** Replaces the story's seed. Shots that carry a seed of their own keep it. */
  readonly seed?: number | undefined;
  readonly policy?: PolicyName | undefined;
  /** b, 0..64. */
  readonly bankFrames?: number | undefined;
  /** k, 1..64. */
  readonly activatedFrames?: number | undefined;
  /** Prototypes that stay retrievable, 1..4096. */
  readonly capacity?: number | undefined;
  /** Denoising steps, spread evenly over the schedule, 1..1000. */
  readonly steps?: number | undefined;
  readonly sampler?: SamplerSettings['kind'] | undefined;
  /** Footage that the story's first chunks show, an asset each: they are remembered as they are, and not generated. */
  readonly footage?: readonly string[] | undefined;
}

/** One chunk of a story, ready to be made. */
export interface PlannedChunk {
  readonly key: string;
  /** Shot it belongs to, counted from 0. */
  readonly shotIndex: number;
  /** Its place in that shot, counted from 0. */
  readonly indexInShot: number;
  readonly recipe: ChunkRecipe;
  /** How its shot begins, and why; of a shot's first chunk only. */
  readonly beginning?: Beginning;
}

/** What {@link planStory} needs to know of a model. */
export type PlanningModel = ModelIdentity &
  Pick<ModelInfo, 'chunkFrames' | 'sampler' | 'memory'> &
  Partial<Pick<ModelInfo, 'name' | 'maxChunks' | 'scene' | 'encoder' | 'adapters'>>;

/**
 * Turns a story into its chunks, in order, nothing left open.
 *
 * Memory settings: `overrides`, then the shot's, the story's, the model's. Pins and bans add up from the shot that
 * names them; one enters the recipe once its frame exists, and of a pin and a ban of one frame the later shot's holds.
 *
 * Throws `story-too-long` beyond the model's positions, `bad-story` for a pin or ban outside the story, and `bad-input` for settings that contradict each other.
 */
export function planStory(story: Story, model: PlanningModel, overrides: RenderOverrides = {}): PlannedChunk[] {
  return [...planShots(story, model, overrides)].flat();
}

/** {@link planStory} a shot at a time, for who must do something else in between: a long story takes seconds. */
export function* planShots(
  story: Story,
  model: PlanningModel,
  overrides: RenderOverrides = {},
): Generator<PlannedChunk[], void, void> {
  const totalChunks = story.shots.reduce((sum, shot) => sum + shot.chunks, 0);
  const { maxChunks } = model;
  if (typeof maxChunks === 'number' && totalChunks > maxChunks) {
    throw new ThroughlineError(
      'story-too-long',
      `The story has ${totalChunks} chunks, but this model has positions for ${maxChunks}.`,
      'Shorten the story, or use a model with relative positions.',
    );
  }
  const totalFrames = totalChunks * model.chunkFrames;
  const planner = new PathPlanner({ model, overrides, memory: story.memory, prompts: story.prompts, totalFrames });
  for (const [shotIndex, shot] of story.shots.entries()) {
    const seed = shot.seed ?? overrides.seed ?? story.seed;
    yield planner.append({ ...shot, seed }, `shot ${shotIndex + 1}`).map((chunk) => ({ ...chunk, shotIndex }));
  }
}

/** A shot as planning sees it: its seed decided. */
export type PlannableShot = Pick<Shot, 'prompt' | 'chunks' | 'transition' | 'told' | 'memory' | 'firstFrame'> & {
  readonly seed: number;
  readonly footage?: Footage | undefined;
};

/** Plans a path of shots one after the other; forks where a story branches. */
export class PathPlanner {
  readonly #model: PlanningModel;
  readonly #overrides: RenderOverrides;
  readonly #memory: MemoryOverrides | undefined;
  readonly #teller: Teller;
  readonly #sampler: SamplerSettings;
  readonly #directions: Directions;
  /** Pictures named so far; the same array while they are the same. */
  #pictures: readonly Picture[] = [];
  /** Footage that the path's first chunks show. */
  #given: readonly string[];
  #parentKey: string | null = null;
  /** Where the story stands after the last shot, for transitions left to us. */
  #scene: Scene | null = null;
  #chunkIndex = 0;

  /** @param options.totalFrames pins and bans from this latent frame on are an error; unlimited by default */
  constructor(
    options: {
      model: PlanningModel;
      overrides?: RenderOverrides;
      memory?: MemoryOverrides | undefined;
      prompts?: PromptTelling | undefined;
      totalFrames?: number;
    },
    from?: PathPlanner,
  ) {
    this.#model = options.model;
    this.#overrides = options.overrides ?? {};
    this.#memory = options.memory;
    this.#teller = from ? from.#teller.copy() : new Teller(options.prompts, options.model);
    this.#given = (from ? from.#given : this.#overrides.footage) ?? [];
    this.#sampler = resolveSampler(options.model.sampler, this.#overrides);
    this.#directions = from ? from.#directions.copy() : new Directions(options.totalFrames ?? Number.POSITIVE_INFINITY);
    if (from) {
      this.#parentKey = from.#parentKey;
      this.#scene = from.#scene;
      this.#pictures = from.#pictures;
      this.#chunkIndex = from.#chunkIndex;
    } else {
      this.#directions.add(options.model.memory, 'the model');
      this.#directions.add(options.memory, 'the story');
      this.#pictures = options.memory?.pictures ?? [];
    }
  }

  /** Chunks planned so far on this path. */
  get chunkIndex(): number {
    return this.#chunkIndex;
  }

  /** A planner that goes on from here, leaving this one as it is. */
  fork(): PathPlanner {
    return new PathPlanner({ model: this.#model, overrides: this.#overrides, memory: this.#memory }, this);
  }

  /** @param where how an error names the shot */
  append(shot: PlannableShot, where: string): Omit<PlannedChunk, 'shotIndex'>[] {
    this.#directions.add(shot.memory, where);
    const settings = resolveMemory(this.#model, [this.#memory, shot.memory, this.#overrides], where);
    if (shot.memory?.pictures?.length) this.#pictures = picturesAlong({ pictures: this.#pictures }, [shot]);
    const pictures = this.#remembered(settings);
    if (this.#chunkIndex === 0 && shot.footage?.begins) this.#given = givenChunks(shot.footage);
    const { encoder } = this.#model;
    const beginning = this.#begin(shot);
    const prompt = this.#teller.tell(shot);
    let directions: Directed | null = null;
    let memory: MemorySettings = settings;
    return Array.from({ length: shot.chunks }, (_, indexInShot) => {
      const chunkIndex = this.#chunkIndex++;
      const known = this.#directions.before(chunkIndex * this.#model.chunkFrames);
      // One object for all chunks with the same settings: its text, for their keys, is then made once.
      if (known !== directions) memory = heedsDirections(settings) ? { ...settings, ...known } : settings;
      directions = known;
      const shown = this.#footage(chunkIndex);
      const recipe: ChunkRecipe = {
        chunkIndex,
        prompt,
        seed: shot.seed,
        transition: indexInShot === 0 ? beginning.transition : 'continue',
        sampler: this.#sampler,
        memory,
        ...(pictures.length > 0 ? { pictures } : {}),
        ...(shown ? { footage: shown } : {}),
        ...(chunkIndex === 0 && !shown && shot.firstFrame && encoder
          ? { firstFrame: { ...shot.firstFrame, encoder } }
          : {}),
      };
      this.#parentKey = chunkKey({ parentKey: this.#parentKey, model: this.#model, recipe });
      return { key: this.#parentKey, indexInShot, recipe, ...(indexInShot === 0 ? { beginning } : {}) };
    });
  }

  /** @throws ThroughlineError `bad-input` where the model cannot look at footage */
  #footage(chunkIndex: number): ChunkRecipe['footage'] | null {
    const asset = this.#given[chunkIndex];
    return asset === undefined ? null : { asset, encoder: requireEncoder(this.#model) };
  }

  /** The pictures as a recipe holds them: none where the memory or the model cannot remember any. */
  #remembered(settings: MemorySettings): readonly RecipePicture[] {
    if (picturesForgotten(this.#model, settings) !== null) return [];
    return recipePictures(this.#pictures, this.#model.encoder as string);
  }

  /** Follows the story's scene into a shot, and says how the shot begins. */
  #begin({ prompt, transition }: PlannableShot): Beginning {
    const begun = beginShot(this.#scene, prompt, this.#model.scene ?? null);
    this.#scene = begun.scene;
    // The first chunk of all has nothing to cut from; one spelling, one key.
    if (this.#chunkIndex === 0 || transition === 'automatic') return begun.beginning;
    return { transition, reason: null };
  }
}

/** Why pictures are not remembered under these settings, in a sentence; null where they are. */
export function picturesForgotten(
  model: Pick<PlanningModel, 'encoder'>,
  settings: Pick<MemorySettings, 'mode' | 'policy'>,
): string | null {
  const { noPictures } = memoryKind(settings.mode);
  if (noPictures !== null) return noPictures;
  if (!model.encoder) return 'This model has no encoder: it cannot look at pictures.';
  const { name, recalls } = memoryChoice(settings);
  return recalls ? null : `Under ${name} nothing is recalled, pictures neither.`;
}

/** Of the same pictures the same object, so that its text, for keys, is made once. */
const madeOf = new WeakMap<readonly Picture[], readonly RecipePicture[]>();

function recipePictures(pictures: readonly Picture[], encoder: string): readonly RecipePicture[] {
  const made = madeOf.get(pictures);
  if (made && (made.length === 0 || made[0]?.encoder === encoder)) return made;
  const fresh = pictures.map(({ asset, name, says = '', pinned = true }) => ({ asset, encoder, name, says, pinned }));
  madeOf.set(pictures, fresh);
  return fresh;
}

/** `count` nominal timesteps from 1000 down in equal strides: 4 gives 1000, 750, 500, 250. */
export function evenSteps(count: number): number[] {
  return Array.from({ length: count }, (_, index) => Math.round(1000 - (index * 1000) / count));
}

function resolveSampler(model: SamplerSettings, overrides: RenderOverrides): SamplerSettings {
  const { steps = model.steps.length } = overrides;
  return {
    kind: overrides.sampler ?? model.kind,
    steps: steps === model.steps.length ? [...model.steps] : evenSteps(steps),
  };
}

type Scalars = Pick<MemoryOverrides, 'policy' | 'bankFrames' | 'activatedFrames' | 'capacity'>;

/** The settings of a memory that is asked for outside a story; pins and bans are the model's. @throws ThroughlineError where it cannot be had */
export function askedMemory(model: PlanningModel, asked: Scalars, where: string): MemorySettings {
  return resolveMemory(model, [asked], where);
}

/** `layers` from weakest to strongest. */
function resolveMemory(
  info: PlanningModel,
  layers: readonly (Scalars | RenderOverrides | undefined)[],
  where: string,
): MemorySettings {
  const { memory: model } = info;
  const pick = <K extends keyof Scalars>(name: K): NonNullable<Scalars[K]> =>
    (layers.findLast((layer) => layer?.[name] !== undefined)?.[name] ?? model[name]) as NonNullable<Scalars[K]>;
  const asked = {
    ...remembering(info, pick('policy')),
    bankFrames: pick('bankFrames'),
    activatedFrames: pick('activatedFrames'),
    capacity: pick('capacity'),
  };
  const settings = memoryKind(asked.mode).settle(asked);
  if (settings.capacity < settings.bankFrames) {
    throw new ThroughlineError(
      'bad-input',
      `In ${where} the bank shows ${settings.bankFrames} frames, but memory keeps only ${settings.capacity}.`,
      'Make the capacity at least as large as the bank.',
    );
  }
  return settings;
}

/** The model's settings with the memory that a policy asks for. @throws ThroughlineError `model-missing` where it has no adapter for it */
function remembering(model: PlanningModel, policy: PolicyName): MemorySettings {
  const { memory, adapters = [], name = 'in use' } = model;
  const byAdapter = adapterModeOf(policy, model);
  const mode = byAdapter ?? memory.mode;
  const settings = { ...memory, mode, policy: (choiceWithin(mode, policy)?.held ?? policy) as PolicyName };
  if (byAdapter === null) return settings;
  const adapter = adapters.find((one) => one.mode === mode);
  if (adapter) return { ...heldBy(mode, settings), adapter: adapter.digest };
  throw new ThroughlineError(
    'model-missing',
    `The model ${name} has no adapter for ${memoryChoice({ mode, policy }).name} (${adapterFilesOf(mode)} in its folder).`,
    'Choose another memory, or train one: training/README.md says how.',
  );
}

/** Without what only the model's own memory has. */
function heldBy(mode: MemorySettings['mode'], settings: MemorySettings): MemorySettings {
  return Object.fromEntries(
    Object.entries(settings).filter(([name]) => holdsSetting(mode, name)),
  ) as unknown as MemorySettings;
}

/** A memory of an adapter takes pins and bans only where it can follow them: the story's cast must not stop it. */
function heedsDirections({ mode, adapter }: MemorySettings): boolean {
  return adapter === undefined || memoryKind(mode).notDirected === null;
}

type Directed = Pick<MemorySettings, 'pins' | 'bans'>;

/** Pins and bans as they add up along a story. */
class Directions {
  readonly #totalFrames: number;
  /** What was last asked for; it holds for ends above `after` up to and including `until`. */
  #last: { readonly directed: Directed; readonly after: number; readonly until: number } | null = null;
  /** Latent frame -> the name it is pinned under, or null where it is banned. */
  readonly #frames = new Map<number, string | null>();

  constructor(totalFrames: number) {
    this.#totalFrames = totalFrames;
  }

  copy(): Directions {
    const copy = new Directions(this.#totalFrames);
    for (const [frame, name] of this.#frames) copy.#frames.set(frame, name);
    return copy;
  }

  add(memory: Pick<MemoryOverrides, 'pins' | 'bans'> | undefined, where: string): void {
    for (const { frame, name } of memory?.pins ?? []) this.#set(frame, name, 'pins', where);
    for (const frame of memory?.bans ?? []) {
      if (memory?.pins?.some((pin) => pin.frame === frame)) {
        throw new ThroughlineError('bad-story', `Frame ${frame} is both pinned and banned in ${where}.`, 'Keep one.');
      }
      this.#set(frame, null, 'bans', where);
    }
  }

  #set(frame: number, name: string | null, verb: string, where: string): void {
    if (frame >= this.#totalFrames) {
      throw new ThroughlineError(
        'bad-story',
        `${where[0]?.toUpperCase()}${where.slice(1)} ${verb} frame ${frame}, but the story has only ${this.#totalFrames} latent frames.`,
        `Frames are latent frames counted from the start: 0 to ${this.#totalFrames - 1}.`,
      );
    }
    this.#frames.set(frame, name);
    this.#last = null;
  }

  /** Those of frames that exist before latent frame `end`, in frame order; the same object while they are the same. */
  before(end: number): Directed {
    if (this.#last && end > this.#last.after && end <= this.#last.until) return this.#last.directed;
    const known = [...this.#frames].filter(([frame]) => frame < end).sort(([a], [b]) => a - b);
    const directed = {
      pins: known.flatMap(([frame, name]) => (name === null ? [] : [{ frame, name }])),
      bans: known.flatMap(([frame, name]) => (name === null ? [frame] : [])),
    };
    const later = [...this.#frames.keys()].filter((frame) => frame >= end);
    this.#last = { directed, after: known.at(-1)?.[0] ?? -1, until: Math.min(Number.POSITIVE_INFINITY, ...later) };
    return directed;
  }
}
