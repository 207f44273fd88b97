import type { ProjectDocument, ProjectShot, ShotId } from './document.ts';
import type { Cut } from './tree.ts';
import { childrenOf, shotsById } from './tree.ts';

/** Shots in the order a person reads them: a branch after the other, each from its beginning; never mixed by time. */
export function inStoryOrder(document: ProjectDocument, ids: ReadonlySet<ShotId>): ProjectShot[] {
  const children = childrenOf(document);
  const found: ProjectShot[] = [];
  const stack = [...(children.get(null) ?? [])].reverse();
  for (let shot = stack.pop(); shot; shot = stack.pop()) {
    if (ids.has(shot.id)) found.push(shot);
    stack.push(...[...(children.get(shot.id) ?? [])].reverse());
  }
  return found;
}

/**
 * Copies of shots with all that a person gave them: names, directions of memory and bans too, but no held results, which
 * are of the shot's own. A copy follows the copy of the nearest shot before it that was copied as well; the first ones have
 * no parent.
 * @param newId makes an id for each
 * @returns in story order, so that they can be pasted
 */
export function copyShotsOf(document: ProjectDocument, ids: ReadonlySet<ShotId>, newId: () => ShotId): ProjectShot[] {
  const byId = shotsById(document);
  const newIds = new Map<ShotId, ShotId>();
  return inStoryOrder(document, ids).map((shot) => {
    const id = newId();
    newIds.set(shot.id, id);
    let parent = shot.parent;
    while (parent !== null && !ids.has(parent)) parent = byId.get(parent)?.parent ?? null;
    return {
      ...withNewSounds(shot, newId),
      id,
      parent: parent === null ? null : (newIds.get(parent) ?? null),
      held: null,
    };
  });
}

/** A sound has an id of its own, so that two of them can come to hang on one shot. */
function withNewSounds(shot: ProjectShot, newId: () => string): ProjectShot {
  return shot.sounds ? { ...shot, sounds: shot.sounds.map((sound) => ({ ...sound, id: newId() })) } : shot;
}

/** A sound, a picture or footage that shots need, and what a sentence calls it. */
export interface NamedAsset {
  readonly asset: string;
  readonly name: string;
}

/** The files that shots need, each once. */
export function assetsOfShots(shots: readonly ProjectShot[]): NamedAsset[] {
  const named = shots.flatMap(({ sounds = [], memory, firstFrame, footage }): NamedAsset[] => [
    ...[...sounds, ...(memory.pictures ?? [])].map(({ asset, name }) => ({ asset, name })),
    ...(firstFrame ? [{ asset: firstFrame.asset, name: 'the first frame' }] : []),
    ...(footage ? [{ asset: footage.asset, name: footage.name }] : []),
  ]);
  const once = new Map<string, NamedAsset>();
  for (const one of named) if (!once.has(one.asset)) once.set(one.asset, one);
  return [...once.values()];
}

/** The shots without sounds, pictures and footage that cannot be had. */
export function withoutAssets(shots: readonly ProjectShot[], missing: ReadonlySet<string>): ProjectShot[] {
  const isThere = ({ asset }: { readonly asset: string }): boolean => !missing.has(asset);
  return shots.map(({ sounds, memory, firstFrame, footage, ...shot }) => {
    const { pictures, ...remembered } = memory;
    const kept = pictures?.filter(isThere) ?? [];
    const heard = sounds?.filter(isThere) ?? [];
    return {
      ...shot,
      memory: kept.length > 0 ? { ...remembered, pictures: kept } : remembered,
      ...(heard.length > 0 ? { sounds: heard } : {}),
      ...(firstFrame && isThere(firstFrame) ? { firstFrame } : {}),
      ...(footage && isThere(footage) ? { footage } : {}),
    };
  });
}

/** The same shots under new ids, to be pasted once more. */
export function withNewIds(shots: readonly ProjectShot[], newId: () => ShotId): ProjectShot[] {
  const ids = new Map(shots.map(({ id }) => [id, newId()]));
  const of = (id: ShotId): ShotId => ids.get(id) as ShotId;
  return shots.map((shot) => ({
    ...withNewSounds(shot, newId),
    id: of(shot.id),
    parent: shot.parent !== null && ids.has(shot.parent) ? of(shot.parent) : null,
  }));
}

/**
 * Copies to be pasted into a cut without a number that a shot of it has: a number that was handed out names one shot.
 * @param cut the shots of the cut that they are pasted into
 */
export function withoutTakenNumbers(copies: readonly ProjectShot[], cut: readonly ProjectShot[]): ProjectShot[] {
  const taken = new Set(cut.flatMap(({ fields }) => fields?.number || []));
  return copies.map((copy) => {
    if (!copy.fields?.number || !taken.has(copy.fields.number)) return copy;
    const { number: _, ...fields } = copy.fields;
    return { ...copy, fields };
  });
}

/** A place on a cut: what comes just before it, and what of the cut comes just after. */
export interface CutPlace {
  readonly after: ShotId | null;
  readonly before: ShotId | null;
}

/** The place after the selected shot where that lies on the cut; else the cut's end. Without a cut: a new beginning. */
export function placeAfter(cut: Pick<Cut, 'shots'> | null, selected: ShotId | null): CutPlace {
  const shots = cut?.shots ?? [];
  const at = shots.findIndex(({ id }) => id === selected);
  if (at < 0) return { after: shots.at(-1)?.id ?? null, before: null };
  return { after: shots[at]?.id ?? null, before: shots[at + 1]?.id ?? null };
}
