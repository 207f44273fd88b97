import type { ShotId } from '../../shared/project/document.ts';
import { frameMenu } from '../memory/index.ts';
import { guideEntries } from '../player/guides/guides-menu.ts';
import { player, usePlayer } from '../player/transport.ts';
import { soundMenu } from '../sound/sound-menu.ts';
import {
  dispatch,
  newShotId,
  selectChunk,
  selectShots,
  setActiveCut,
  showCutOf,
  useSelection,
  useStory,
  useStudio,
} from '../state/index.ts';
import type { MenuEntry } from '../ui/index.ts';
import { newTake, shownKeys } from './generate.ts';
import { pickTake } from './pick-take.ts';
import { addShot, insertShot } from './shots.ts';
import { actions, usable } from './table.ts';

const line: MenuEntry = { kind: 'line' };

/** Where the system's own menu is wanted: text is cut, copied, pasted and spelled there. */
const textPlaces = 'input, textarea, select, [contenteditable=true], a[href]';

/**
 * What can be done with the thing an element stands for. Elements say what they are: `data-menu` names a kind of
 * {@link menus}, `data-of` the shot, other `data-` attributes which part of it; a shot's card has `data-shot`. What is
 * pointed at is selected first, so that entries are the actions of the table, which act on the selection.
 */
export function menuFor(target: Element, byKey: boolean): readonly MenuEntry[] | null {
  if (useStudio.getState().project === null || target.closest(textPlaces)) return null;
  const { chunk, shotId } = useSelection.getState();
  // The graph is one widget: what is selected in it has the focus.
  if (byKey && shotId !== null && target.matches('[data-graph]')) {
    return chunk ? chunkMenu(chunk.shotId, chunk.indexInShot) : shotMenu(shotId);
  }
  for (let element: Element | null = target; element; element = element.parentElement) {
    const entries = ownMenu(element);
    if (entries) return entries;
  }
  return null;
}

function ownMenu(element: Element): readonly MenuEntry[] | null {
  const data = (element as HTMLElement | SVGElement).dataset as DataAttributes;
  if (data.menu !== undefined) return menus[data.menu]?.(data) ?? null;
  if (data.shot !== undefined) return shotMenu(data.shot);
  // React Flow's own element for a line; its id is made in use-flow.ts.
  return element.classList.contains('react-flow__edge') ? edgeMenu((data.id ?? '').replace(/^to-/, '')) : null;
}

type DataAttributes = Partial<
  Record<'menu' | 'shot' | 'of' | 'chunk' | 'id' | 'leaf' | 'frame' | 'sound' | 'take', string>
>;

/** Menus by the `data-menu` of an element. Null: the element outside it is asked. */
const menus: Readonly<Record<string, (data: DataAttributes) => readonly MenuEntry[] | null>> = {
  canvas: canvasMenu,
  chunk: ({ of = '', chunk }) => chunkMenu(of, Number(chunk)),
  cut: ({ leaf = '' }) => cutMenu(leaf),
  edge: ({ of = '' }) => edgeMenu(of),
  frame: ({ frame }) => frameMenu(Number(frame)),
  player: playerMenu,
  shot: ({ of = '' }) => shotMenu(of),
  sound: ({ of = '', sound = '' }) => soundMenu(of, sound),
  take: ({ of = '', take = '' }) => takeMenu(of, take),
};

/** An action of the table as an entry of a menu, with its key. @throws if there is none of that name */
export function entryOf(name: string, text?: string): MenuEntry {
  const action = actions.find((candidate) => candidate.name === name);
  if (!action) throw new Error(`There is no action called “${name}”.`);
  const [keys] = action.keys;
  return {
    text: text ?? action.name,
    run: action.run,
    disabled: !usable(action),
    danger: name.startsWith('Delete'),
    ...(keys === undefined ? {} : { keys }),
  };
}

/** Actions by name; '' is a line. */
export function entriesOf(...names: readonly string[]): MenuEntry[] {
  return names.map((name) => (name === '' ? line : entryOf(name)));
}

/** Selects a shot, unless it is one of several that are selected. */
function select(id: ShotId): void {
  if (!useSelection.getState().shotIds.has(id)) selectShots([id]);
  showCutOf(id);
}

function shotMenu(id: ShotId): readonly MenuEntry[] | null {
  if (!useStory.getState().byId.has(id)) return null;
  select(id);
  const several = useSelection.getState().shotIds.size;
  if (several > 1) {
    return [
      { kind: 'label', text: `${several} shots` },
      ...entriesOf(
        'Generate the selection or the cut',
        '',
        'Duplicate',
        'Cut shots',
        'Copy shots',
        'Paste shots',
        '',
        'Delete',
      ),
    ];
  }
  return [
    ...entriesOf('Generate the selection or the cut', 'Generate from here on', 'New take', '', 'Write the prompt'),
    ...entriesOf('Add a shot', 'Insert a shot before', 'Branch here', ''),
    ...resultEntries(id),
    ...entriesOf('Duplicate', 'Cut shots', 'Copy shots', 'Paste shots', '', 'Export this shot…', '', 'Delete'),
  ];
}

/** What can be done about the result that a shot shows. */
function resultEntries(id: ShotId): MenuEntry[] {
  const state = useStory.getState().statuses.get(id)?.state;
  const hold = (keys: string[] | null) => dispatch({ type: 'hold-results', id, keys });
  if (state === 'held') return [{ text: 'Let it follow its recipe', run: () => hold(null) }, line];
  const keys = shownKeys(id);
  return state === 'stale' && keys ? [{ text: 'Keep the old result', run: () => hold(keys) }, line] : [];
}

function chunkMenu(shotId: ShotId, indexInShot: number): readonly MenuEntry[] | null {
  const shot = useStory.getState().byId.get(shotId);
  if (!shot) return null;
  if (useSelection.getState().shotIds.size > 1 && useSelection.getState().shotIds.has(shotId)) return shotMenu(shotId);
  selectChunk({ shotId, indexInShot });
  showCutOf(shotId);
  const split = () => dispatch({ type: 'split-shot', id: shotId, at: indexInShot, restId: newShotId() });
  return [
    { kind: 'label', text: `Chunk ${indexInShot + 1} of ${shot.chunks}` },
    ...entriesOf('Branch here'),
    { text: 'Split the shot before this chunk', disabled: indexInShot === 0, run: split },
    entryOf('Inspector: memory', 'Show what it remembered'),
    line,
    { kind: 'label', text: 'The shot' },
    ...(shotMenu(shotId) ?? []).filter(({ kind, ...entry }) => !('text' in entry && entry.text === 'Branch here')),
  ];
}

function edgeMenu(to: ShotId): readonly MenuEntry[] | null {
  const { byId } = useStory.getState();
  const shot = byId.get(to);
  const parent = shot?.parent;
  if (!shot || parent === null || parent === undefined) return null;
  const begins = (transition: 'automatic' | 'continue' | 'cut', text: string): MenuEntry => ({
    text,
    checked: shot.transition === transition,
    run: () => dispatch({ type: 'edit-shot', id: to, patch: { transition } }),
  });
  return [
    { text: 'Insert a shot here', run: () => insertShot(to) },
    { text: 'Branch from here', run: () => addShot(parent) },
    line,
    { kind: 'label', text: 'The next shot begins' },
    begins('automatic', 'Automatically'),
    begins('continue', 'Going on from here'),
    begins('cut', 'With a cut'),
  ];
}

function canvasMenu(): readonly MenuEntry[] {
  return [
    ...entriesOf('Add a shot', 'Paste shots', '', 'Undo', 'Redo', ''),
    ...entriesOf('Generate this cut', 'Generate everything stale or missing', ''),
    ...entriesOf('Fit the whole story', 'Zoom to actual size'),
  ];
}

function cutMenu(leaf: ShotId): readonly MenuEntry[] | null {
  if (!useStory.getState().cuts.some((cut) => cut.leaf === leaf)) return null;
  setActiveCut(leaf);
  return entriesOf('Name this cut…', 'Duplicate this cut', 'Delete this cut', '', 'Generate this cut', 'Export…');
}

function playerMenu(): readonly MenuEntry[] {
  const { loop, inFrame, outFrame, transport } = usePlayer.getState();
  return [
    { text: transport.rate === 0 ? 'Play' : 'Pause', keys: 'Space', run: player.toggle },
    { text: 'Loop', checked: loop, run: player.toggleLoop },
    line,
    { text: 'In point here', keys: 'I', run: player.markIn },
    { text: 'Out point here', keys: 'O', run: player.markOut },
    {
      text: 'Clear in and out',
      keys: 'X',
      disabled: inFrame === null && outFrame === null,
      run: player.clearMarks,
    },
    line,
    ...entriesOf('Trim: begin with the frame shown', 'Trim: end with the frame shown'),
    line,
    entryOf('Player: full screen', 'Full screen'),
    entryOf('Player: over the graph', 'Over the graph'),
    entryOf('Player: a window of its own', 'In a window of its own'),
    line,
    ...entriesOf('Present from the selected shot', 'Export…'),
    line,
    { kind: 'label', text: 'Guides' },
    ...guideEntries(),
  ];
}

function takeMenu(shotId: ShotId, takeId: string): readonly MenuEntry[] | null {
  const take = useStory
    .getState()
    .takesOf.get(shotId)
    ?.find(({ id }) => id === takeId);
  if (!take) return null;
  return [
    {
      text: 'Pick this take',
      run: () => {
        const { byId, takesOf, statuses } = useStory.getState();
        const shot = byId.get(shotId);
        const shown = statuses.get(shotId)?.chunks;
        const current = takesOf.get(shotId)?.find(({ keys }) => keys.some((key, i) => shown?.[i]?.shown === key));
        if (shot) void pickTake(shot, take, current ?? null);
      },
    },
    { text: 'New take', run: () => void newTake(shotId) },
  ];
}
