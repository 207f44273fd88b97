import { create } from 'zustand';
import type { ShotId } from '../../shared/project/document.ts';

/** A chunk by its place: which key stands there follows from the plan (see `useSelectedChunk`). */
export interface ChunkPlace {
  readonly shotId: ShotId;
  /** Counted from 0. */
  readonly indexInShot: number;
}

/** Which recall edges the graph shows. */
export type RecallMode = 'off' | 'selected' | 'all';

/** What the person is looking at. None of it is part of the document. */
export interface Selection {
  readonly shotIds: ReadonlySet<ShotId>;
  /** The shot the inspector shows: the last one selected. */
  readonly shotId: ShotId | null;
  readonly chunk: ChunkPlace | null;
  /** Leaf of the cut that plays, exports and is drawn bright; null until a project is open. */
  readonly leaf: ShotId | null;
  /** Pixel frame of the active cut, 0 or more. */
  readonly playheadFrame: number;
  readonly playing: boolean;
  readonly recall: RecallMode;
  /** The sound that the inspector shows. */
  readonly sound: { readonly shotId: ShotId; readonly soundId: string } | null;
  readonly inspectorTab: 'shot' | 'memory' | 'takes' | 'sound';
}

export const useSelection = create<Selection>(() => ({
  shotIds: new Set(),
  shotId: null,
  chunk: null,
  leaf: null,
  playheadFrame: 0,
  playing: false,
  recall: 'selected',
  sound: null,
  inspectorTab: 'shot',
}));

/** Selects a sound, and shows it in the inspector; the shots stay as they are. */
export function selectSound(shotId: ShotId, soundId: string): void {
  useSelection.setState({ sound: { shotId, soundId }, inspectorTab: 'sound' });
}

/** What is selected is not a sound any more. */
export function leaveSound(): void {
  useSelection.setState(({ sound, inspectorTab }) =>
    sound === null ? {} : { sound: null, inspectorTab: inspectorTab === 'sound' ? 'shot' : inspectorTab },
  );
}

export type SelectMode = 'replace' | 'add' | 'toggle';

/** Selects shots; the last of them is the one the inspector shows. */
export function selectShots(ids: readonly ShotId[], mode: SelectMode = 'replace'): void {
  leaveSound();
  useSelection.setState((state) => {
    const shotIds = new Set(mode === 'replace' ? [] : state.shotIds);
    for (const id of ids) {
      if (mode === 'toggle' && shotIds.has(id)) shotIds.delete(id);
      else shotIds.add(id);
    }
    const last = ids.at(-1);
    const shotId = last !== undefined && shotIds.has(last) ? last : ([...shotIds].at(-1) ?? null);
    const chunk = state.chunk && state.chunk.shotId === shotId ? state.chunk : null;
    return { shotIds, shotId, chunk };
  });
}

/** Selects one chunk, and its shot alone. */
export function selectChunk(place: ChunkPlace): void {
  leaveSound();
  useSelection.setState({ shotIds: new Set([place.shotId]), shotId: place.shotId, chunk: place });
}

export function clearSelection(): void {
  leaveSound();
  useSelection.setState({ shotIds: new Set(), shotId: null, chunk: null });
}

/** What holds for a project that was just opened: nothing selected, at the start. */
export function forgetPlaces(): void {
  clearSelection();
  useSelection.setState({ leaf: null, playheadFrame: 0, playing: false });
}

/** Makes a cut the active one; the playhead stays where it is in time. */
export function setActiveCut(leaf: ShotId): void {
  useSelection.setState({ leaf });
}

/** Moves the playhead to a pixel frame of the active cut. */
export function setPlayhead(frame: number): void {
  useSelection.setState({ playheadFrame: Math.max(0, Math.round(frame)) });
}
