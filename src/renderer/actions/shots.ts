import { z } from 'zod';
import type { Command } from '../../shared/project/commands.ts';
import {
  type CutPlace,
  copyShotsOf,
  inStoryOrder,
  placeAfter,
  withNewIds,
  withoutTakenNumbers,
} from '../../shared/project/copying.ts';
import { type ProjectShot, projectShotSchema, type ShotId } from '../../shared/project/document.ts';
import { limits } from '../../shared/project/limits.ts';
import { ownShots } from '../../shared/project/tree.ts';
import {
  dispatch,
  newShotId,
  notify,
  selectChunk,
  selectShots,
  setActiveCut,
  showCutOf,
  useSelection,
  useStory,
  useStudio,
} from '../state/index.ts';
import { focusPrompt, openDialog, useView } from '../state/view.ts';
import { withAssetsOf } from './bring-assets.ts';

/** Chunks of a new shot. */
export function newShotChunks(): number {
  return useStudio.getState().document?.defaults.chunks ?? 2;
}

/** Random seeds stay below this, so that a person can read them out. */
const seedLimit = 1_000_000;

export function randomSeed(): number {
  return (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) % seedLimit;
}

/** A new shot that looks like `model`, to be given a parent by the command it goes into. */
export function draftShot(model?: ProjectShot, own: Partial<ProjectShot> = {}): ProjectShot {
  const defaults = useStudio.getState().document?.defaults;
  return {
    id: newShotId(),
    parent: null,
    name: '',
    prompt: '',
    chunks: newShotChunks(),
    seed: defaults?.seed ?? model?.seed ?? randomSeed(),
    seedLocked: false,
    transition: defaults?.transition ?? 'automatic',
    memory: {},
    held: null,
    ...own,
  };
}

/** Selects a shot that was just made, makes its cut the active one, and waits for its prompt. */
function beginWriting(id: ShotId): void {
  selectShots([id]);
  showCutOf(id);
  useSelection.setState({ inspectorTab: 'shot' });
  focusPrompt();
}

/** The prompt of the shot after the selected one; at the end of the cut that of a new shot. */
export function writeNextShot(): void {
  const { cuts } = useStory.getState();
  const { shotId, leaf } = useSelection.getState();
  const shots = cuts.find((cut) => cut.leaf === leaf)?.shots ?? [];
  const at = shots.findIndex(({ id }) => id === shotId);
  const next = at < 0 ? undefined : shots[at + 1];
  if (next) beginWriting(next.id);
  else addShot();
}

/** Where what is added or pasted goes: after the selected shot on the active cut, else to the end of that cut. */
export function activePlace(): CutPlace {
  const { cuts } = useStory.getState();
  const { shotId, leaf } = useSelection.getState();
  return placeAfter(cuts.find((cut) => cut.leaf === leaf) ?? null, shotId);
}

/** A shot after `parent`, as a branch where others follow that; where none is given, after the selected shot on its cut. */
export function addShot(parent?: ShotId | null): void {
  const { byId } = useStory.getState();
  const { after, before } = parent === undefined ? activePlace() : { after: parent, before: null };
  const shot = draftShot(after === null ? undefined : byId.get(after));
  const command: Command =
    before === null ? { type: 'add-shot', parent: after, shot } : { type: 'insert-shot', before, shot };
  if (dispatch(command)) beginWriting(shot.id);
}

export function insertShot(before: ShotId): void {
  const next = useStory.getState().byId.get(before);
  const shot = draftShot(next);
  if (dispatch({ type: 'insert-shot', before, shot })) beginWriting(shot.id);
}

/** Another way on from after the first `at` chunks: the same prompt with another seed, to be written over. */
export function branchAt(id: ShotId, at: number): void {
  const from = useStory.getState().byId.get(id);
  if (!from) return;
  const shot = draftShot(from, {
    prompt: from.prompt,
    seed: randomSeed(),
    ...(from.told ? { told: from.told } : {}),
    memory: withoutDirections(from),
  });
  if (dispatch({ type: 'branch', id, at, restId: newShotId(), shot })) beginWriting(shot.id);
}

/** Pins and bans hold on from the shot that names them, so copies after it need none. */
function withoutDirections({ memory }: ProjectShot): ProjectShot['memory'] {
  const { pins: _pins, bans: _bans, ...rest } = memory;
  return rest;
}

/** Branches after the selected chunk, or after the selected shot. */
export function branchHere(): void {
  const { shotId, chunk } = useSelection.getState();
  const shot = shotId === null ? undefined : useStory.getState().byId.get(shotId);
  if (!shot) notify({ level: 'info', message: 'Select the shot or chunk to branch after.' });
  else branchAt(shot.id, chunk?.shotId === shot.id ? chunk.indexInShot + 1 : shot.chunks);
}

/** The selected shots in story order: branch after branch. */
export function selectedShots(): ProjectShot[] {
  const { document } = useStudio.getState();
  return document ? inStoryOrder(document, useSelection.getState().shotIds) : [];
}

let clipboard: readonly ProjectShot[] = [];

/** What copied shots travel as between windows: with names, directions of memory and all else. */
export const shotsMimeType = 'application/x-throughline-shots';

/** Copied shots, for this program and for others. */
export interface CopiedShots {
  /** Of {@link shotsMimeType}. */
  readonly json: string;
  /** A plain-text story. */
  readonly text: string;
}

/** Copies the selected shots. Null: none is selected. */
export function copyShots(): CopiedShots | null {
  const { document } = useStudio.getState();
  const { shotIds } = useSelection.getState();
  if (!document || shotIds.size === 0) return null;
  clipboard = copyShotsOf(document, shotIds, newShotId);
  notify({
    level: 'info',
    message: clipboard.length === 1 ? 'Copied a shot.' : `Copied ${clipboard.length} shots.`,
  });
  return { json: JSON.stringify(clipboard), text: storyText(clipboard) };
}

/** Whether this text stands for the shots that were copied last. */
export function isCopied(text: string): boolean {
  return clipboard.length > 0 && text.replaceAll('\r\n', '\n') === storyText(clipboard);
}

function storyText(shots: readonly ProjectShot[]): string {
  const paragraphs = shots.map(({ prompt, transition, chunks, seed }) => {
    const directives = [transition, `${chunks} ${chunks === 1 ? 'chunk' : 'chunks'}`, `seed ${seed}`];
    return `[${directives.join(', ')}] ${prompt}`;
  });
  return paragraphs.join('\n\n');
}

/** Pastes the shots that were copied last after the selected shot on the active cut. */
export function pasteShots(): void {
  putShots(clipboard, activePlace());
}

/** Pastes shots that were copied here or in another window. Returns false where this is not such a copy. */
export function pasteJson(json: string): boolean {
  try {
    putShots(z.array(projectShotSchema).min(1).parse(JSON.parse(json)), activePlace());
    return true;
  } catch {
    return false;
  }
}

/** A copy of the selected shots after the last of them. */
export function duplicateShots(): void {
  const { document } = useStudio.getState();
  if (!document) return;
  const { shotIds, leaf } = useSelection.getState();
  const cut = useStory.getState().cuts.find((candidate) => candidate.leaf === leaf) ?? null;
  const last = selectedShots().findLast(({ id }) => cut?.shots.some((shot) => shot.id === id));
  putShots(copyShotsOf(document, shotIds, newShotId), placeAfter(cut, last?.id ?? null));
}

/** Puts shots into a place of the active cut, and selects them. Their ids are made anew. */
export function putShots(shots: readonly ProjectShot[], { after, before }: CutPlace): void {
  if (shots.length === 0) return;
  const { cuts } = useStory.getState();
  const { leaf } = useSelection.getState();
  const cut = cuts.find((candidate) => candidate.leaf === leaf)?.shots ?? [];
  const copies = withoutTakenNumbers(withNewIds(shots, newShotId), cut);
  void withAssetsOf(copies, (there) => putCopies(there, { after, before }));
}

function putCopies(copies: readonly ProjectShot[], { after, before }: CutPlace): void {
  if (!dispatch({ type: 'paste-shots', after, before, shots: [...copies] })) return;
  selectShots(copies.map(({ id }) => id));
  const [first] = copies;
  if (first) showCutOf(first.id);
}

/** Deletes the selected shots; where others follow them, a dialog says what would happen first. */
export function deleteSelected(): void {
  const shots = selectedShots();
  if (shots.length === 0) return;
  const ids = shots.map(({ id }) => id);
  const { children } = useStory.getState();
  const followed = ids.some((id) => children.get(id)?.some((child) => !ids.includes(child.id)));
  if (followed) openDialog({ kind: 'delete', ids });
  else deleteShots(ids, 'subtree');
}

export function deleteShots(ids: readonly ShotId[], mode: 'heal' | 'subtree'): void {
  const { byId } = useStory.getState();
  const before = byId.get(ids[0] ?? '')?.parent ?? null;
  if (!dispatch({ type: 'delete-shots', ids: [...ids], mode })) return;
  if (before !== null) selectShots([before]);
}

/** Takes a shot out of its place and puts it before another one, or after a leaf. */
export function moveShot(id: ShotId, target: { readonly before: ShotId } | { readonly after: ShotId }): void {
  if (dispatch({ type: 'move-shot', id, to: target })) selectShots([id]);
}

/** Lets a shot, with everything after it, follow another one. */
export function reconnectShot(id: ShotId, parent: ShotId): void {
  if (dispatch({ type: 'reconnect', id, parent })) selectShots([id]);
}

/** Shows a chunk in the graph, the inspector and the player. */
export function goToChunk(shotId: ShotId, indexInShot: number): void {
  selectChunk({ shotId, indexInShot });
  showCutOf(shotId);
}

/** Whether a window lies over the app, so that keys are not for the panes. */
export function dialogOpen(): boolean {
  return useView.getState().dialog !== null;
}

/** Another cut of the same shots: what only this one goes through is copied, what it shares with others is shared again. */
export function duplicateCut(leaf: ShotId): void {
  const { cuts } = useStory.getState();
  const { document } = useStudio.getState();
  const own = ownShots(cuts, leaf);
  const [first] = own;
  const name = cuts.find((cut) => cut.leaf === leaf)?.name;
  if (!document || !first) return;
  const copies = copyShotsOf(document, new Set(own.map(({ id }) => id)), newShotId);
  const end = copies.at(-1)?.id;
  const done = dispatch([
    { type: 'paste-shots', after: first.parent, shots: copies },
    ...(end && name ? [{ type: 'name-cut' as const, leaf: end, name: `${name} (copy)`.slice(0, limits.cutName) }] : []),
  ]);
  if (!done || !end) return;
  selectShots([copies[0]?.id ?? end]);
  setActiveCut(end);
}

/** Deletes a cut: the shots that only it goes through. Undo brings them back. */
export function deleteCut(leaf: ShotId): void {
  const ids = ownShots(useStory.getState().cuts, leaf).map(({ id }) => id);
  if (ids.length > 0) deleteShots(ids, 'subtree');
}
