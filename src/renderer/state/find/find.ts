import { create } from 'zustand';
import { inStoryOrder } from '../../../shared/project/copying.ts';
import type { ProjectDocument, ProjectShot, ShotId } from '../../../shared/project/document.ts';
import { type Selection, selectShots, setPlayhead, useSelection } from '../selection.ts';
import { useStory } from '../story.ts';
import { askGraph } from '../view.ts';
import { type FoundPlace, findInStory } from './find-in-story.ts';

type Where = Pick<Selection, 'shotIds' | 'shotId' | 'chunk' | 'leaf' | 'playheadFrame'>;

interface Find {
  readonly open: boolean;
  readonly text: string;
  /** The document that {@link places} are of. */
  readonly document: ProjectDocument | null;
  readonly places: readonly FoundPlace[];
  /** The one that is shown, by its index; -1 where there is none. */
  readonly at: number;
  /** Rises each time the field is asked for. */
  readonly asked: number;
}

/** Searching the story. What was sought last is kept while the window is open. */
export const useFind = create<Find>(() => ({ open: false, text: '', document: null, places: [], at: -1, asked: 0 }));

/** Where the person was before the search began. */
let before: Where | null = null;

/** Shows the search field, or gives it the focus again. */
export function openFind(): void {
  const { open } = useFind.getState();
  if (!open) {
    const { shotIds, shotId, chunk, leaf, playheadFrame } = useSelection.getState();
    before = { shotIds, shotId, chunk, leaf, playheadFrame };
    askGraph('remember');
  }
  useFind.setState(({ asked, at }) => ({ open: true, asked: asked + 1, at: open ? at : -1 }));
  if (!open) refreshFound();
}

/** Ends the search; `back`: selection, playhead and view are as they were before it. */
export function closeFind(back: boolean): void {
  useFind.setState({ open: false });
  const { byId } = useStory.getState();
  if (back && before && (before.shotId === null || byId.has(before.shotId))) {
    const { playheadFrame, ...where } = before;
    askGraph('restore');
    useSelection.setState(where);
    // After it: a selection takes the playhead along.
    setPlayhead(playheadFrame);
  }
  before = null;
}

/** Seeks a text, and shows its first place from where the search began. */
export function seekText(text: string): void {
  const { document } = useStory.getState();
  const places = document ? findInStory(storyOrder(document), text) : [];
  useFind.setState({ text, document, places, at: -1 });
  if (places.length > 0) show(onwardFrom(before?.shotId ?? null));
}

/** Goes to the next place, or to the one before; from the last to the first. Where none is shown yet, on from the selected shot. */
export function stepFound(by: 1 | -1): void {
  const { open, places, at } = useFind.getState();
  if (!open) openFind();
  else if (places.length === 0) return;
  else if (at < 0) show(onwardFrom(useSelection.getState().shotId));
  else show((at + by + places.length) % places.length);
}

/** Index of the first place in a shot or after it; the first of all where there is none. */
function onwardFrom(shotId: ShotId | null): number {
  const { places, document } = useFind.getState();
  const order = new Map(document && storyOrder(document).map(({ id }, i) => [id, i]));
  const from = order.get(shotId ?? '') ?? 0;
  return Math.max(
    0,
    places.findIndex((place) => (order.get(place.shotId) ?? 0) >= from),
  );
}

/** Every shot, branch after branch. */
function storyOrder(document: ProjectDocument): ProjectShot[] {
  return inStoryOrder(document, new Set(document.shots.map(({ id }) => id)));
}

/** The story has changed: places are counted anew, and the one that is shown stays if it is still there. */
export function refreshFound(): void {
  const { text, document: known, places: old, at } = useFind.getState();
  const { document } = useStory.getState();
  if (document === known) return;
  const places = document ? findInStory(storyOrder(document), text) : [];
  const shown = old[at];
  const same = places.findIndex(
    ({ shotId, field, start }) => shotId === shown?.shotId && field === shown.field && start === shown.start,
  );
  useFind.setState({ document, places, at: same });
}

function show(at: number): void {
  useFind.setState({ at });
  const place = useFind.getState().places[at];
  if (!place) return;
  selectShots([place.shotId]);
  const { cuts } = useStory.getState();
  const { leaf } = useSelection.getState();
  const through = cuts.filter(({ shots }) => shots.some(({ id }) => id === place.shotId));
  const [first] = through;
  if (first && !through.some((cut) => cut.leaf === leaf)) useSelection.setState({ leaf: first.leaf });
}

/** The place that is shown, where it lies in this shot. */
export function useFoundIn(shotId: string): FoundPlace | null {
  return useFind(({ open, places, at }) => {
    const place = open ? places[at] : undefined;
    return place?.shotId === shotId ? place : null;
  });
}
