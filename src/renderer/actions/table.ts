import type { ShotId } from '../../shared/project/document.ts';
import { startPresenting } from '../player/present/presentation.ts';
import { toggleDetached, toggleFullScreen, toggleLarge } from '../player/screens.ts';
import { trimToPlayhead } from '../player/trim.ts';
import { openFind, stepFound } from '../state/find/find.ts';
import { redo, setActiveCut, undo, useSelection, useStory, useStudio } from '../state/index.ts';
import { showMemoryWindow } from '../state/memory-link.ts';
import { askGraph, focusPrompt, openDialog, togglePane, useView } from '../state/view.ts';
import type { MenuEntry } from '../ui/index.ts';
import { closeProject, createProject, duplicateProject, openProject, openSample } from './files.ts';
import { cancelRunning, generate, newTake, regenerateFrom, togglePause } from './generate.ts';
import {
  addShot,
  branchHere,
  copyShots,
  deleteCut,
  deleteSelected,
  duplicateCut,
  duplicateShots,
  insertShot,
  pasteShots,
  writeNextShot,
} from './shots.ts';

/** Something a person can ask for by key, menu or palette. */
export interface Action {
  readonly name: string;
  readonly group: 'Story' | 'Generate' | 'View' | 'Project' | 'Help';
  /** `Ctrl+Enter`; `Ctrl` stands for Command on Macs. The first is shown, all work. */
  readonly keys: readonly string[];
  /** Whether its keys work while a text field has the focus. */
  readonly whileTyping?: boolean;
  /** Only where the graph, or nothing, has the focus. */
  readonly inGraph?: boolean;
  /** The system turns its keys into an event that {@link useClipboard} answers. */
  readonly bySystem?: boolean;
  /** What must be there for it to do anything. */
  readonly needs?: 'shot';
  /** It changes the story or makes results, which a project that can only be looked at does not allow. */
  readonly edits?: boolean;
  readonly run: () => void;
}

/** Every action, in the order that lists show them. */
export const actions: readonly Action[] = [
  {
    name: 'Generate the selection or the cut',
    edits: true,
    group: 'Generate',
    keys: ['Ctrl+Enter'],
    whileTyping: true,
    run: () => void generate(),
  },
  { name: 'Generate this cut', edits: true, group: 'Generate', keys: [], run: () => void generate('cut') },
  {
    name: 'Generate everything stale or missing',
    edits: true,
    group: 'Generate',
    keys: [],
    run: () => void generate('stale'),
  },
  {
    name: 'Cancel what is being made',
    group: 'Generate',
    keys: ['Ctrl+Alt+Enter'],
    whileTyping: true,
    run: () => void cancelRunning(),
  },
  { name: 'Generate from here on', edits: true, group: 'Generate', keys: [], needs: 'shot', run: generateOn },
  { name: 'New take', edits: true, group: 'Generate', keys: [], needs: 'shot', run: takeAgain },
  {
    name: 'Compare memories…',
    group: 'Generate',
    keys: [],
    run: () => openDialog({ kind: 'compare-memories' }),
  },
  { name: 'Pause or resume the queue', group: 'Generate', keys: [], run: () => void togglePause() },
  {
    name: 'Show the queue',
    group: 'Generate',
    keys: ['Ctrl+J'],
    whileTyping: true,
    run: () => useView.setState(({ queueOpen }) => ({ queueOpen: !queueOpen })),
  },

  { name: 'Add a shot', edits: true, group: 'Story', keys: ['N'], inGraph: true, run: () => addShot() },
  { name: 'Insert a shot before', edits: true, group: 'Story', keys: [], needs: 'shot', run: insertBefore },
  { name: 'Branch here', edits: true, group: 'Story', keys: ['B'], needs: 'shot', inGraph: true, run: branchHere },
  { name: 'Write the prompt', group: 'Story', keys: ['Enter'], inGraph: true, run: focusPrompt },
  // In a prompt the field itself answers it.
  {
    name: 'Write the next shot',
    edits: true,
    group: 'Story',
    keys: ['Shift+Enter'],
    inGraph: true,
    run: writeNextShot,
  },
  {
    name: 'Trim: begin with the frame shown',
    edits: true,
    group: 'Story',
    keys: [],
    run: () => trimToPlayhead('head'),
  },
  { name: 'Trim: end with the frame shown', edits: true, group: 'Story', keys: [], run: () => trimToPlayhead('tail') },
  { name: 'Duplicate', edits: true, group: 'Story', keys: ['Ctrl+D'], needs: 'shot', run: duplicateShots },
  { name: 'Copy shots', group: 'Story', keys: ['Ctrl+C'], needs: 'shot', bySystem: true, run: copyToSystem },
  {
    name: 'Cut shots',
    edits: true,
    group: 'Story',
    keys: ['Ctrl+X'],
    needs: 'shot',
    bySystem: true,
    run: () => {
      copyToSystem();
      deleteSelected();
    },
  },
  { name: 'Paste shots', edits: true, group: 'Story', keys: ['Ctrl+V'], bySystem: true, run: pasteShots },
  {
    name: 'Delete',
    edits: true,
    group: 'Story',
    keys: ['Delete', 'Backspace'],
    needs: 'shot',
    inGraph: true,
    run: deleteSelected,
  },
  { name: 'Undo', group: 'Story', keys: ['Ctrl+Z'], whileTyping: true, run: () => void undo() },
  { name: 'Redo', group: 'Story', keys: ['Ctrl+Shift+Z', 'Ctrl+Y'], whileTyping: true, run: () => void redo() },
  {
    name: 'Name this cut…',
    edits: true,
    group: 'Story',
    keys: [],
    run: () => forCut((leaf) => openDialog({ kind: 'name-cut', leaf })),
  },
  { name: 'Duplicate this cut', edits: true, group: 'Story', keys: [], run: () => forCut(duplicateCut) },
  { name: 'Delete this cut', edits: true, group: 'Story', keys: [], run: () => forCut(deleteCut) },

  { name: 'Find in the story', group: 'View', keys: ['Ctrl+F'], whileTyping: true, run: openFind },
  { name: 'Find the next', group: 'View', keys: ['F3'], whileTyping: true, run: () => stepFound(1) },
  { name: 'Find the one before', group: 'View', keys: ['Shift+F3'], whileTyping: true, run: () => stepFound(-1) },
  {
    name: 'Fit the whole story',
    group: 'View',
    keys: ['Ctrl+Shift+F', 'Home'],
    run: () => askGraph('fit'),
  },
  { name: 'Zoom in', group: 'View', keys: [], run: () => askGraph('in') },
  { name: 'Zoom out', group: 'View', keys: [], run: () => askGraph('out') },
  { name: 'Zoom to actual size', group: 'View', keys: ['Ctrl+0'], run: () => askGraph('actual') },
  { name: 'Show or hide the inspector', group: 'View', keys: [], run: () => togglePane('inspector') },
  { name: 'Show or hide the player', group: 'View', keys: [], run: () => togglePane('player') },
  { name: 'Player: full screen', group: 'View', keys: [], run: () => void toggleFullScreen() },
  { name: 'Present from the selected shot', group: 'View', keys: ['P'], inGraph: true, run: startPresenting },
  { name: 'Player: over the graph', group: 'View', keys: [], run: toggleLarge },
  { name: 'Player: a window of its own', group: 'View', keys: [], run: () => void toggleDetached() },
  { name: 'Next cut', group: 'View', keys: ['Ctrl+]'], whileTyping: true, run: () => stepCut(1) },
  { name: 'Previous cut', group: 'View', keys: ['Ctrl+['], whileTyping: true, run: () => stepCut(-1) },
  { name: 'Recall edges: off', group: 'View', keys: [], run: () => useSelection.setState({ recall: 'off' }) },
  {
    name: 'Recall edges: selected chunk',
    group: 'View',
    keys: [],
    run: () => useSelection.setState({ recall: 'selected' }),
  },
  { name: 'Recall edges: whole cut', group: 'View', keys: [], run: () => useSelection.setState({ recall: 'all' }) },
  {
    name: 'Inspector: shot',
    group: 'View',
    keys: ['Alt+1'],
    whileTyping: true,
    run: () => useSelection.setState({ inspectorTab: 'shot' }),
  },
  {
    name: 'Inspector: memory',
    group: 'View',
    keys: ['Alt+2'],
    whileTyping: true,
    run: () => useSelection.setState({ inspectorTab: 'memory' }),
  },
  {
    name: 'Memory over the whole window',
    group: 'View',
    keys: [],
    needs: 'shot',
    run: () => openDialog({ kind: 'memory' }),
  },
  { name: 'Memory in a window of its own', group: 'View', keys: [], run: showMemoryWindow },
  {
    name: 'Inspector: takes',
    group: 'View',
    keys: ['Alt+3'],
    whileTyping: true,
    run: () => useSelection.setState({ inspectorTab: 'takes' }),
  },
  {
    name: 'Command palette',
    group: 'View',
    keys: ['Ctrl+K'],
    whileTyping: true,
    run: () => openDialog({ kind: 'palette' }),
  },

  { name: 'New story', group: 'Project', keys: [], run: () => void createProject() },
  { name: 'Open…', group: 'Project', keys: ['Ctrl+O'], whileTyping: true, run: () => void openProject() },
  {
    name: 'Import a script…',
    edits: true,
    group: 'Project',
    keys: ['Ctrl+I'],
    whileTyping: true,
    run: () => openDialog({ kind: 'import' }),
  },
  { name: 'Open the sample', group: 'Project', keys: [], run: () => void openSample() },
  {
    name: 'Name this version…',
    edits: true,
    group: 'Project',
    keys: ['Ctrl+S'],
    whileTyping: true,
    run: () => openDialog({ kind: 'save-version' }),
  },
  { name: 'Versions…', group: 'Project', keys: [], run: () => openDialog({ kind: 'versions' }) },
  {
    name: 'Save a copy as…',
    group: 'Project',
    keys: ['Ctrl+Shift+S'],
    whileTyping: true,
    run: () => void duplicateProject(),
  },
  {
    name: 'Export…',
    group: 'Project',
    keys: ['Ctrl+Shift+E'],
    whileTyping: true,
    run: () => forCut((leaf) => openDialog({ kind: 'export', target: { kind: 'cut', leaf } })),
  },
  { name: 'Export this shot…', group: 'Project', keys: [], needs: 'shot', run: exportShot },
  { name: 'Close the project', group: 'Project', keys: [], run: () => void closeProject() },

  {
    name: 'Settings…',
    group: 'Help',
    keys: ['Ctrl+,'],
    whileTyping: true,
    run: () => openDialog({ kind: 'settings' }),
  },
  { name: 'Models…', group: 'Help', keys: [], run: () => openDialog({ kind: 'models' }) },
  { name: 'Storage and cache…', group: 'Help', keys: [], run: () => openDialog({ kind: 'storage' }) },
  { name: 'Words the model knows', group: 'Help', keys: [], run: () => openDialog({ kind: 'words' }) },
  { name: 'Keyboard shortcuts', group: 'Help', keys: ['?'], run: () => openDialog({ kind: 'shortcuts' }) },
  { name: 'About Throughline', group: 'Help', keys: [], run: () => openDialog({ kind: 'about' }) },
];

/** As the keys do: what is pasted next is these shots. */
function copyToSystem(): void {
  const copied = copyShots();
  if (copied) void navigator.clipboard?.writeText(copied.text).catch(() => {}); // some systems ask the person, who may say no
}

/** The shot that the inspector shows. */
function forShot(run: (id: ShotId) => void): void {
  const { shotId } = useSelection.getState();
  if (shotId !== null) run(shotId);
}

function insertBefore(): void {
  forShot(insertShot);
}

function generateOn(): void {
  forShot((id) => void regenerateFrom(id));
}

function takeAgain(): void {
  forShot((id) => void newTake(id));
}

function exportShot(): void {
  forShot((id) => openDialog({ kind: 'export', target: { kind: 'shot', id } }));
}

function forCut(run: (leaf: string) => void): void {
  const { leaf } = useSelection.getState();
  if (leaf !== null) run(leaf);
}

function stepCut(by: 1 | -1): void {
  const { cuts } = useStory.getState();
  const at = cuts.findIndex(({ leaf }) => leaf === useSelection.getState().leaf);
  const next = cuts[(at + by + cuts.length) % cuts.length];
  if (next) setActiveCut(next.leaf);
}

const inMenu = [
  'New story',
  'Open…',
  'Import a script…',
  'Open the sample',
  'Name this version…',
  'Versions…',
  'Save a copy as…',
  'Close the project',
  '',
  'Settings…',
  'Models…',
  'Storage and cache…',
  '',
  'Command palette',
  'Words the model knows',
  'Keyboard shortcuts',
  'About Throughline',
];

/** The application's menu: what concerns the project and the app rather than the story. */
export function appMenu(): MenuEntry[] {
  return inMenu.map((name): MenuEntry => {
    const action = actions.find((candidate) => candidate.name === name);
    if (!action) return { kind: 'line' };
    const [keys] = action.keys;
    return { text: action.name, run: action.run, ...(keys === undefined ? {} : { keys }) };
  });
}

/** Whether an action can do anything now: without a project only its own group and help make sense. */
export function usable(action: Action): boolean {
  if (action.needs === 'shot' && useSelection.getState().shotIds.size === 0) return false;
  if (action.edits && useStudio.getState().project?.readOnly) return false;
  if (useStudio.getState().project) return true;
  return (
    action.group === 'Help' ||
    action.name === 'New story' ||
    action.name === 'Open…' ||
    action.name === 'Import a script…' ||
    action.name === 'Open the sample'
  );
}
