import { create } from 'zustand';
import type { ProjectId } from '../../shared/api/types.ts';
import type { ProjectDocument, ProjectShot, ShotId, Take } from '../../shared/project/document.ts';
import type { ProjectPlan } from '../../shared/project/plan.ts';
import type { ShotStatus } from '../../shared/project/status.ts';
import { type Cut, childrenOf, cutsOf, shotsById } from '../../shared/project/tree.ts';
import type { ModelInfo } from '../../shared/render.ts';
import { type ChunkPlace, forgetPlaces, useSelection } from './selection.ts';
import { SlicedPlan } from './sliced-plan.ts';
import { type Statuses, statusesOf } from './statuses.ts';
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

export const useStory = create<Story>(() => ({
  document: null,
  byId: new Map(),
  children: new Map(),
  cuts: [],
  plan: null,
  statuses: new Map(),
  takesOf: new Map(),
}));

/** The model and the project that were last planned for. */
let plannedModel: ModelInfo | null = null;
let plannedProject: ProjectId | undefined;
const planning = new SlicedPlan((plan) => {
  useStory.setState({ plan });
  updateStatuses();
});

/** Recomputes the story whenever the studio's state changes. Returns what stops it. */
export function followStory(): () => void {
  update(useStudio.getState(), null);
  return useStudio.subscribe(update);
}

function update(now: StudioState, before: StudioState | null): void {
  if (now.project?.id !== before?.project?.id) forgetPlaces();
  const documentChanged = now.document !== useStory.getState().document;
  const modelChanged = now.model !== plannedModel;
  if (documentChanged) takeDocument(now.document);
  if (now.takes !== before?.takes) useStory.setState({ takesOf: Map.groupBy(now.takes, ({ shotId }) => shotId) });
  const resultsChanged = now.chunks !== before?.chunks || now.queue !== before.queue || now.takes !== before.takes;
  if (documentChanged || resultsChanged) updateStatuses();
  if (documentChanged || modelChanged) replan();
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
  const { document, model, project } = useStudio.getState();
  const other = model !== plannedModel || project?.id !== plannedProject;
  plannedModel = model;
  plannedProject = project?.id;
  if (document && model) {
    planning.begin(document, model, other);
    return;
  }
  planning.stop();
  useStory.setState({ plan: null });
  updateStatuses();
}

let statuses: Statuses | null = null;

function updateStatuses(): void {
  const { chunks, queue } = useStudio.getState();
  const { document, plan, takesOf, byId } = useStory.getState();
  statuses = statusesOf({ shots: document?.shots ?? [], byId, plan, chunks, takesOf, queue }, statuses);
  if (statuses.of !== useStory.getState().statuses) useStory.setState({ statuses: statuses.of });
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
