import { create } from 'zustand';
import type { ProjectDocument, ProjectShot, ShotId, Take } from '../../shared/project/document.ts';
import { type ProjectPlan, planProject } from '../../shared/project/plan.ts';
import { resultsOf, type ShotStatus, shotStatus } from '../../shared/project/status.ts';
import { type Cut, childrenOf, cutsOf, shotsById } from '../../shared/project/tree.ts';
import type { ModelInfo } from '../../shared/render.ts';
import { type ChunkPlace, forgetPlaces, useSelection } from './selection.ts';
import { type StudioState, useStudio } from './studio.ts';

/** What follows from the document, the model and the stored chunks. Kept up to date by {@link followStory}. */
export interface Story {
  readonly document: ProjectDocument | null;
  readonly byId: ReadonlyMap<ShotId, ProjectShot>;
  readonly children: ReadonlyMap<ShotId | null, readonly ProjectShot[]>;
  readonly cuts: readonly Cut[];
  /** Null until a model has said what it is; of a big document it may lag some keystrokes behind. */
  readonly plan: ProjectPlan | null;
  readonly statuses: ReadonlyMap<ShotId, ShotStatus>;
  readonly takesOf: ReadonlyMap<ShotId, readonly Take[]>;
}

const noPlan: ProjectPlan = { chunksOf: () => [], firstChunkIndex: () => 0, problems: new Map() };

export const useStory = create<Story>(() => ({
  document: null,
  byId: new Map(),
  children: new Map(),
  cuts: [],
  plan: null,
  statuses: new Map(),
  takesOf: new Map(),
}));

/** From this many shots on, keys are planned when typing pauses instead of at every key. */
const bigProjectShots = 150;
/** How long a pause is, in milliseconds: some times what planning took last, so that it is in nobody's way. */
const pauseOfPlanning = { times: 3, min: 150, max: 700 };

let planTimer: ReturnType<typeof setTimeout> | undefined;
let plannedModel: ModelInfo | null = null;
let planningMs = 0;

/** Recomputes the story whenever the studio's state changes. Returns what stops it. */
export function followStory(): () => void {
  update(useStudio.getState(), null);
  return useStudio.subscribe(update);
}

function update(now: StudioState, before: StudioState | null): void {
  if (now.project?.file !== before?.project?.file) forgetPlaces();
  const documentChanged = now.document !== useStory.getState().document;
  const modelChanged = now.model !== plannedModel;
  if (documentChanged) takeDocument(now.document);
  if (now.takes !== before?.takes) useStory.setState({ takesOf: Map.groupBy(now.takes, ({ shotId }) => shotId) });
  if (documentChanged || modelChanged) {
    clearTimeout(planTimer);
    const big = (now.document?.shots.length ?? 0) >= bigProjectShots;
    if (big && !modelChanged && useStory.getState().plan) {
      const { times, min, max } = pauseOfPlanning;
      planTimer = setTimeout(replan, Math.min(max, Math.max(min, planningMs * times)));
    } else replan();
  }
  const onlyDocument =
    before !== null && now.chunks === before.chunks && now.queue === before.queue && now.takes === before.takes;
  if (!onlyDocument) updateStatuses();
  else if (documentChanged) updateStatuses(before.document);
}

function takeDocument(document: ProjectDocument | null): void {
  if (!document) {
    useStory.setState({ document, byId: new Map(), children: new Map(), cuts: [], plan: null });
    return;
  }
  const cuts = cutsOf(document);
  useStory.setState({ document, byId: shotsById(document), children: childrenOf(document), cuts });
  keepSelectionValid(document, cuts);
}

function replan(): void {
  const { document, model } = useStudio.getState();
  plannedModel = model;
  const startedAt = performance.now();
  useStory.setState({ plan: document && model ? planProject(document, model) : null });
  planningMs = performance.now() - startedAt;
  updateStatuses();
}

/** @param since only the document changed since this one: what shots have kept, their status has too */
function updateStatuses(since: ProjectDocument | null = null): void {
  const { chunks, queue } = useStudio.getState();
  const { document, plan, statuses: before, takesOf, byId } = useStory.getState();
  const available = new Set(chunks.keys());
  const statuses = new Map<ShotId, ShotStatus>();
  const kept = new Set(since?.shots);
  for (const shot of document?.shots ?? []) {
    const known = kept.has(shot) ? before.get(shot.id) : undefined;
    if (known) {
      statuses.set(shot.id, known);
      continue;
    }
    const status = shotStatus(shot, plan ?? noPlan, available, resultsOf(shot, byId, takesOf), queue);
    const old = before.get(shot.id);
    statuses.set(shot.id, old && sameStatus(old, status) ? old : status);
  }
  useStory.setState({ statuses });
}

/** Equal in everything that is drawn, so that an unchanged shot is not drawn again. */
function sameStatus(a: ShotStatus, b: ShotStatus): boolean {
  return (
    a.state === b.state &&
    a.job === b.job &&
    a.chunks.length === b.chunks.length &&
    a.chunks.every((chunk, i) => {
      const other = b.chunks[i];
      return chunk.key === other?.key && chunk.shown === other.shown && chunk.state === other.state;
    })
  );
}

/** Selected shots that are gone are no longer selected; a cut whose end is gone gives way to its nearest. */
function keepSelectionValid(document: ProjectDocument, cuts: readonly Cut[]): void {
  const ids = new Set(document.shots.map(({ id }) => id));
  const { shotIds, shotId, chunk, leaf } = useSelection.getState();
  const kept = [...shotIds].filter((id) => ids.has(id));
  if (kept.length !== shotIds.size) useSelection.setState({ shotIds: new Set(kept) });
  if (shotId !== null && !ids.has(shotId)) useSelection.setState({ shotId: kept.at(-1) ?? null });
  const chunkShot = chunk && document.shots.find(({ id }) => id === chunk.shotId);
  if (chunk && (!chunkShot || chunk.indexInShot >= chunkShot.chunks)) useSelection.setState({ chunk: null });
  if (cuts.some((cut) => cut.leaf === leaf)) return;
  const through = (id: ShotId | null) => cuts.find(({ shots }) => shots.some((shot) => shot.id === id));
  useSelection.setState({ leaf: (through(leaf) ?? through(shotId) ?? cuts[0])?.leaf ?? null });
}

/** The selected chunk with its keys; `shown` is whose pictures and record there are to look at. */
export interface SelectedChunk extends ChunkPlace {
  /** What the recipe says; null where the shot cannot be planned. */
  readonly key: string | null;
  readonly shown: string | null;
}

/** The selected chunk; where only a shot is selected, its first. */
export function useSelectedChunk(): SelectedChunk | null {
  const chunk = useSelection((state) => state.chunk);
  const shotId = useSelection((state) => state.shotId);
  const place = chunk ?? (shotId === null ? null : { shotId, indexInShot: 0 });
  const status = useStory((state) => (place ? state.statuses.get(place.shotId)?.chunks[place.indexInShot] : undefined));
  if (!place) return null;
  return { ...place, key: status?.key ?? null, shown: status?.shown ?? null };
}

/** The cut that plays and exports. */
export function useActiveCut(): Cut | null {
  const leaf = useSelection((state) => state.leaf);
  return useStory((state) => state.cuts.find((cut) => cut.leaf === leaf) ?? null);
}
