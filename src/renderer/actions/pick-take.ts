import type { Command } from '../../shared/project/commands.ts';
import type { ProjectShot, Take } from '../../shared/project/document.ts';
import type { ChunkRecipe } from '../../shared/render.ts';
import { api, attempt, dispatch, forProject, newShotId, selectShots, showCutOf, useStory } from '../state/index.ts';

/**
 * What makes a shot as a take was: its prompt and seed, and how it was told, began and remembered where that differs.
 * @param made recipe of the take's first chunk; null where nobody knows it
 * @param now recipe of the chunk that the shot has there instead
 */
export function pickCommands(
  shot: ProjectShot,
  take: Pick<Take, 'prompt' | 'seed'>,
  made: ChunkRecipe | null,
  now: ChunkRecipe | null,
): Command[] {
  const picked: Command = { type: 'pick-take', id: shot.id, prompt: take.prompt, seed: take.seed };
  if (!made || !now) return [picked];
  const [is, was] = [made.memory, now.memory];
  const memory = {
    ...(is.policy === was.policy ? {} : { policy: is.policy }),
    ...(is.bankFrames === was.bankFrames ? {} : { bankFrames: is.bankFrames }),
    ...(is.activatedFrames === was.activatedFrames ? {} : { activatedFrames: is.activatedFrames }),
    ...(is.capacity === was.capacity ? {} : { capacity: is.capacity }),
  };
  const patch = {
    ...(Object.keys(memory).length === 0 ? {} : { memory: { ...shot.memory, ...memory } }),
    ...toldAs(shot, take, made, now),
    ...(made.transition === now.transition || shot.parent === null ? {} : { transition: made.transition }),
  };
  return Object.keys(patch).length === 0 ? [picked] : [picked, { type: 'edit-shot', id: shot.id, patch }];
}

/** Whether the take was told its prompt as written, or not, where the shot is told another thing than it. */
function toldAs(
  shot: Pick<ProjectShot, 'prompt' | 'told'>,
  take: Pick<Take, 'prompt'>,
  made: ChunkRecipe,
  now: ChunkRecipe,
): Pick<ProjectShot, 'told'> {
  const asWritten = made.prompt === take.prompt;
  if (shot.told === 'as-written') return asWritten ? {} : { told: 'automatic' };
  const completes = shot.prompt === take.prompt && now.prompt !== shot.prompt;
  return asWritten && completes ? { told: 'as-written' } : {};
}

/** Makes a shot as one of its takes was. `current`: the take that it shows now; null where it shows none. */
export async function pickTake(shot: ProjectShot, take: Take, current: Take | null): Promise<void> {
  const recipeOf = (key: string | undefined) =>
    key === undefined ? null : attempt(api.chunks.recipe({ ...forProject(), key }));
  const [made, now] = await Promise.all([recipeOf(take.keys[0]), recipeOf(current?.keys[0])]);
  dispatch(pickCommands(shot, take, made?.recipe ?? null, now?.recipe ?? null));
}

/** The commands that put what was changed of a shot onto a branch, and the shot back to what its take was made from. */
export function branchCommands(
  shot: ProjectShot,
  take: Pick<Take, 'prompt' | 'seed' | 'keys'>,
  made: ChunkRecipe,
  now: ChunkRecipe,
  branchId: string,
): Command[] {
  const { sounds: _, held: _held, fields, ...changed } = shot;
  // A number belongs to one shot.
  const { number: _number, ...rest } = fields ?? {};
  const branch: ProjectShot = {
    ...changed,
    id: branchId,
    held: null,
    ...(Object.keys(rest).length > 0 ? { fields: rest } : {}),
  };
  const length = take.keys.length;
  return [
    ...pickCommands(shot, take, made, now),
    ...(length === shot.chunks || length === 0
      ? []
      : [{ type: 'edit-shot', id: shot.id, patch: { chunks: length } } as const]),
    { type: 'add-shot', parent: shot.parent, shot: branch },
  ];
}

/** Moves the change that made a result stale to a branch, and selects that: the old results are fresh again. */
export function branchChange(shot: ProjectShot, take: Take, made: ChunkRecipe, now: ChunkRecipe): void {
  const id = newShotId();
  if (!dispatch(branchCommands(shot, take, made, now, id))) return;
  selectShots([id]);
  // Both cuts go through it where it ends one; the branch is what was asked for.
  if (useStory.getState().byId.has(id)) showCutOf(id);
}
