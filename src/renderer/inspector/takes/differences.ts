import { memoryChoice } from '../../../shared/memories/index.ts';
import type { ChunkRecipe } from '../../../shared/render.ts';

/** What a take was made from: the recipe of its first chunk, and what came before that. */
export interface TakeRecipe {
  readonly recipe: ChunkRecipe;
  readonly parentKey: string | null;
}

/** How a take differs from another one of the same shot, a few words each; empty where both were made alike. */
export function differences(of: TakeRecipe, from: TakeRecipe): string[] {
  const [a, b] = [of.recipe, from.recipe];
  const [now, other] = [a.memory, b.memory];
  const said: (string | false)[] = [
    a.seed !== b.seed && `seed ${a.seed}`,
    a.prompt !== b.prompt && 'another prompt',
    a.transition !== b.transition && (a.transition === 'cut' ? 'begins with a cut' : 'continues'),
    now.policy !== other.policy && memoryChoice(now).name,
    now.bankFrames !== other.bankFrames && `bank ${now.bankFrames}`,
    now.activatedFrames !== other.activatedFrames && `active ${now.activatedFrames}`,
    now.capacity !== other.capacity && `capacity ${now.capacity}`,
    ...framesSaid(
      now.pins.map(({ frame }) => frame),
      other.pins.map(({ frame }) => frame),
      'always remembered',
    ),
    ...framesSaid(now.bans, other.bans, 'banned'),
    picturesSaid(a) !== picturesSaid(b) && 'other pictures in memory',
    a.firstFrame?.asset !== b.firstFrame?.asset
      ? a.firstFrame
        ? 'begins with a picture'
        : 'begins without a picture'
      : a.firstFrame?.leads !== b.firstFrame?.leads &&
        (a.firstFrame?.leads ? 'goes on from its first frame' : 'jumps after its first frame'),
    a.footage?.asset !== b.footage?.asset && (a.footage ? 'shows footage' : 'shows no footage'),
    a.sampler.kind !== b.sampler.kind && a.sampler.kind,
    a.sampler.steps.join() !== b.sampler.steps.join() && `${a.sampler.steps.length} steps`,
    // What came before it was another: said last, since it mostly follows from an edit elsewhere.
    of.parentKey !== from.parentKey && 'another story before it',
  ];
  return said.filter((words) => words !== false);
}

/** Whether `pickCommands` brings a shot all the way back to a recipe: pins, bans and pictures it leaves as they are. */
export function bringsBack(made: TakeRecipe, now: ChunkRecipe): boolean {
  const { prompt, seed, transition, memory } = made.recipe;
  const { policy, bankFrames, activatedFrames, capacity } = memory;
  const picked = { ...now, prompt, seed, transition };
  const recipe = { ...picked, memory: { ...now.memory, policy, bankFrames, activatedFrames, capacity } };
  return differences({ recipe, parentKey: made.parentKey }, made).length === 0;
}

function picturesSaid({ pictures = [] }: ChunkRecipe): string {
  return JSON.stringify(pictures.map(({ name: _, ...picture }) => picture));
}

function framesSaid(now: readonly number[], other: readonly number[], verb: string): string[] {
  const added = now.filter((frame) => !other.includes(frame)).length;
  const gone = other.filter((frame) => !now.includes(frame)).length;
  const frames = (count: number) => `${count} ${count === 1 ? 'frame' : 'frames'}`;
  return [
    ...(added > 0 ? [`${frames(added)} ${verb}`] : []),
    ...(gone > 0 ? [`${frames(gone)} no longer ${verb}`] : []),
  ];
}
