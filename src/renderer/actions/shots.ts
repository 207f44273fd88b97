import type { Command } from '../../shared/project/commands.ts';
import type { ProjectShot, ShotId } from '../../shared/project/document.ts';
import {
  dispatch,
  newShotId,
  notify,
  selectChunk,
  selectShots,
  setActiveCut,
  useSelection,
  useStory,
  useStudio,
} from '../state/index.ts';
import { focusPrompt, openDialog, useView } from '../state/view.ts';

/** Chunks of a new shot. */
const newShotChunks = 2;

/** Random seeds stay below this, so that a person can read them out. */
const seedLimit = 1_000_000;

export function randomSeed(): number {
  return (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) % seedLimit;
}

/** A new shot that looks like `model`, to be given a parent by the command it goes into. */
export function draftShot(model?: ProjectShot, own: Partial<ProjectShot> = {}): ProjectShot {
  return {
    id: newShotId(),
    parent: null,
    name: '',
    prompt: '',
    chunks: newShotChunks,
    seed: model?.seed ?? randomSeed(),
    seedLocked: false,
    transition: 'automatic',
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

/** Makes a cut through the shot the active one, unless the active cut already goes through it. */
export function showCutOf(id: ShotId): void {
  const { cuts } = useStory.getState();
  const { leaf } = useSelection.getState();
  const through = cuts.filter(({ shots }) => shots.some((shot) => shot.id === id));
  const first = through[0];
  if (first && !through.some((cut) => cut.leaf === leaf)) setActiveCut(first.leaf);
}

/** A shot after `parent`; where none is given, after the selected shot or at the end of the active cut. */
export function addShot(parent?: ShotId | null): void {
  const { byId } = useStory.getState();
  const { shotId, leaf } = useSelection.getState();
  const after = parent === undefined ? (shotId ?? leaf) : parent;
  const shot = draftShot(after === null ? undefined : byId.get(after));
  if (dispatch({ type: 'add-shot', parent: after, shot })) beginWriting(shot.id);
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
  const shot = draftShot(from, { prompt: from.prompt, seed: randomSeed(), memory: withoutDirections(from) });
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

/** The selected shots in story order: a parent stands before its children. */
export function selectedShots(): ProjectShot[] {
  const { document } = useStudio.getState();
  const { plan } = useStory.getState();
  const { shotIds } = useSelection.getState();
  const shots = document?.shots.filter(({ id }) => shotIds.has(id)) ?? [];
  return shots.sort((a, b) => (plan?.firstChunkIndex(a.id) ?? 0) - (plan?.firstChunkIndex(b.id) ?? 0));
}

let clipboard: readonly ProjectShot[] = [];

/** Copies the selected shots. Returns them as a plain-text story, for the system's clipboard; null: none is selected. */
export function copyShots(): string | null {
  const shots = selectedShots();
  if (shots.length === 0) return null;
  clipboard = shots;
  notify({ level: 'info', message: shots.length === 1 ? 'Copied a shot.' : `Copied ${shots.length} shots.` });
  return storyText(shots);
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

/** Pastes copied shots after the selected shot, as a branch where something follows it already. */
export function pasteShots(): void {
  paste(clipboard, useSelection.getState().shotId ?? useSelection.getState().leaf);
}

/** A copy of the selected shots after the last of them. */
export function duplicateShots(): void {
  const shots = selectedShots();
  paste(shots, shots.at(-1)?.id ?? null);
}

function paste(shots: readonly ProjectShot[], after: ShotId | null): void {
  if (shots.length === 0) return;
  const ids = new Map(shots.map(({ id }) => [id, newShotId()]));
  const copies = shots.map((shot) => ({
    ...shot,
    id: ids.get(shot.id) ?? newShotId(),
    parent: shot.parent === null ? null : (ids.get(shot.parent) ?? null),
    memory: withoutDirections(shot),
    held: null,
  }));
  if (!dispatch({ type: 'paste-shots', after, shots: copies })) return;
  const last = copies.at(-1);
  selectShots(copies.map(({ id }) => id));
  if (last) showCutOf(last.id);
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
  const shot = useStory.getState().byId.get(id);
  if (!shot) return;
  const placed = { ...shot, held: null };
  const out: Command = { type: 'delete-shots', ids: [id], mode: 'heal' };
  const moved =
    'before' in target
      ? dispatch([out, { type: 'insert-shot', before: target.before, shot: placed }])
      : dispatch([out, { type: 'add-shot', parent: target.after, shot: placed }]);
  if (moved) selectShots([id]);
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
