import {
  ChevronDown,
  CircleAlert,
  Download,
  Ellipsis,
  GitBranch,
  Pause,
  Play,
  Redo2,
  Undo2,
  Waypoints,
} from 'lucide-react';
import { defaultScope, type GenerateScope, generate, togglePause } from '../actions/generate.ts';
import { entriesOf } from '../actions/menus.ts';
import { branchHere } from '../actions/shots.ts';
import { appMenu } from '../actions/table.ts';
import {
  dispatch,
  type RecallMode,
  redo,
  setActiveCut,
  Typing,
  undo,
  useActiveCut,
  useReadOnly,
  useSelection,
  useStory,
  useStudio,
} from '../state/index.ts';
import { openDialog } from '../state/view.ts';
import { Button, IconButton, Menu, Tooltip } from '../ui/index.ts';
import { QueueProgress } from './queue-progress.tsx';
import css from './shell.module.css';

const scopeNames: Record<GenerateScope, string> = {
  shot: 'Generate the selected shots',
  cut: 'Generate this cut',
  stale: 'Generate everything stale or missing',
};

const recallNames: Record<RecallMode, string> = { off: 'off', selected: 'selected', all: 'whole cut' };
const titleTyping = new Typing('title');

/** Everything that concerns the whole project: its name, the cut, generating, the queue, export. Each part follows the state by itself. */
export function TopBar({ inert }: { readonly inert: boolean }) {
  return (
    <header className={css.bar} inert={inert}>
      <MainMenu />
      <Title />
      <SaveIndicator />
      <UndoRedo />
      <CutMenu />
      <GenerateButtons />
      <BranchButton />
      <RecallMenu />
      <span className={css.space} />
      <QueueProgress />
      <PauseButton />
      <ExportButton />
    </header>
  );
}

function MainMenu() {
  return (
    <Menu entries={appMenu()}>
      <IconButton label="Menu">
        <Ellipsis size={17} />
      </IconButton>
    </Menu>
  );
}

function Title() {
  const title = useStudio((state) => state.document?.title ?? '');
  const readOnly = useReadOnly() !== null;
  return (
    <input
      readOnly={readOnly}
      className={css.title}
      aria-label="Project title"
      value={title}
      onFocus={() => titleTyping.begin()}
      onChange={(event) => dispatch({ type: 'edit-project', title: event.target.value }, titleTyping.step())}
      onKeyDown={(event) => (event.key === 'Enter' || event.key === 'Escape') && event.currentTarget.blur()}
    />
  );
}

function UndoRedo() {
  const undoes = useStudio((state) => state.project?.undo);
  const redoes = useStudio((state) => state.project?.redo);
  return (
    <>
      <IconButton
        label={undoes ? `Undo: ${undoes}` : 'Nothing to undo'}
        keys="Ctrl+Z"
        disabled={!undoes}
        onClick={() => void undo()}
      >
        <Undo2 size={16} />
      </IconButton>
      <IconButton
        label={redoes ? `Redo: ${redoes}` : 'Nothing to redo'}
        keys="Ctrl+Shift+Z"
        disabled={!redoes}
        onClick={() => void redo()}
      >
        <Redo2 size={16} />
      </IconButton>
    </>
  );
}

function CutMenu() {
  const cuts = useStory((state) => state.cuts);
  const cut = useActiveCut();
  if (cuts.length === 0) return null;
  return (
    <Menu
      entries={[
        ...cuts.map((other) => ({
          text: other.name,
          hint: `${other.shots.length} ${other.shots.length === 1 ? 'shot' : 'shots'}`,
          checked: other.leaf === cut?.leaf,
          run: () => setActiveCut(other.leaf),
        })),
        { kind: 'line' },
        ...entriesOf('Name this cut…', 'Duplicate this cut', 'Delete this cut'),
      ]}
    >
      <Button title={`The cut that plays and exports: ${cut?.name ?? ''}`}>
        <span className={css.cutName}>Cut: {cut?.name}</span>
        <ChevronDown size={14} />
      </Button>
    </Menu>
  );
}

/** Whether there is a shot to work on. */
function useHasShots(): boolean {
  return useStory((state) => (state.document?.shots.length ?? 0) > 0);
}

function BranchButton() {
  const readOnly = useReadOnly() !== null;
  const disabled = !useHasShots() || readOnly;
  return (
    <Tooltip text="Another way on from the selected chunk" keys="B">
      <Button aria-label="Branch" disabled={disabled} onClick={branchHere}>
        <GitBranch size={14} />
        <span className={css.label}>Branch</span>
      </Button>
    </Tooltip>
  );
}

function GenerateButtons() {
  const readOnly = useReadOnly() !== null;
  const shotsChosen = useSelection((state) => state.shotIds.size > 0);
  const disabled = !useHasShots() || readOnly;
  return (
    <span className={css.split}>
      <Tooltip text={scopeNames[shotsChosen ? 'shot' : 'cut']} keys="Ctrl+Enter">
        <Button look="making" disabled={disabled} onClick={() => void generate()}>
          Generate
        </Button>
      </Tooltip>
      <Menu
        align="end"
        entries={[
          ...(['shot', 'cut', 'stale'] as const).map((scope) => ({
            text: scopeNames[scope],
            disabled: scope === 'shot' && !shotsChosen,
            ...(scope === defaultScope() ? { keys: 'Ctrl+Enter' } : {}),
            run: () => void generate(scope),
          })),
          { kind: 'line' },
          ...entriesOf('Compare memories…'),
        ]}
      >
        <Button look="making" aria-label="What to generate" title="What to generate" disabled={disabled}>
          <ChevronDown size={14} />
        </Button>
      </Menu>
    </span>
  );
}

function RecallMenu() {
  const recall = useSelection((state) => state.recall);
  return (
    <Menu
      entries={(['off', 'selected', 'all'] as const).map((mode) => ({
        text: { off: 'Off', selected: 'For the selected chunk', all: 'For the whole cut' }[mode],
        checked: mode === recall,
        run: () => useSelection.setState({ recall: mode }),
      }))}
    >
      <Button
        look="memory"
        title="Lines from a chunk to the frames it recalled"
        aria-label={`Recall: ${recallNames[recall]}`}
        data-on={recall === 'off' ? undefined : ''}
      >
        <Waypoints size={14} />
        <span className={css.label}>Recall: {recallNames[recall]}</span>
      </Button>
    </Menu>
  );
}

function PauseButton() {
  const paused = useStudio((state) => state.queue.paused);
  const working = useStudio((state) =>
    state.queue.jobs.some((job) => job.state !== 'done' && job.state !== 'cancelled'),
  );
  if (!working) return null;
  return (
    <Button aria-label={paused ? 'Resume' : 'Pause'} onClick={() => void togglePause()}>
      {paused ? <Play size={14} /> : <Pause size={14} />}
      <span className={css.wide}>{paused ? 'Resume' : 'Pause'}</span>
    </Button>
  );
}

function ExportButton() {
  const leaf = useActiveCut()?.leaf;
  return (
    <Tooltip text="Write the cut as a film" keys="Ctrl+Shift+E">
      <Button
        aria-label="Export"
        disabled={leaf === undefined}
        onClick={() => leaf !== undefined && openDialog({ kind: 'export', target: { kind: 'cut', leaf } })}
      >
        <Download size={14} />
        <span className={css.label}>Export</span>
      </Button>
    </Tooltip>
  );
}

/** What the studio says of saving, and nothing else. */
function SaveIndicator() {
  const save = useStudio((state) => state.project?.save);
  const connection = useStudio((state) => state.connection);
  if (!save) return null;
  if (connection !== 'open') return <span className={css.save}>Not connected</span>;
  switch (save.state) {
    case 'saved':
      return (
        <span className={css.save} data-state="saved" role="status">
          Saved
        </span>
      );
    case 'saving':
      return (
        <span className={css.save} data-state="saving" role="status">
          Saving…
        </span>
      );
    case 'failed':
      return (
        <span className={css.save} data-state="failed" role="status" title={save.error.hint}>
          <CircleAlert size={14} />
          {save.error.message}
        </span>
      );
  }
}
