import {
  ChevronFirst,
  ChevronLast,
  ChevronLeft,
  ChevronRight,
  Expand,
  Grid3x3,
  Maximize2,
  Minimize2,
  Music,
  Pause,
  PictureInPicture2,
  Play,
  Presentation,
  Repeat,
  X,
} from 'lucide-react';
import { memo } from 'react';
import { timeCode } from '../../shared/timing.ts';
import type { CutLine } from '../memory/index.ts';
import { lineFrameCount, lineShots } from '../memory/line/line.ts';
import { RecordButton } from '../sound/record-button.tsx';
import { chooseSoundFiles } from '../sound/sound-files.ts';
import { useReadOnly, useSelection, useStudio } from '../state/index.ts';
import { useView } from '../state/view.ts';
import { Button, IconButton, Menu, Tooltip } from '../ui/index.ts';
import css from './controls.module.css';
import { guideEntries } from './guides/guides-menu.ts';
import { useLooks } from './looks.ts';
import { startPresenting } from './present/presentation.ts';
import { toggleDetached, toggleFullScreen, toggleLarge } from './screens.ts';
import { player, usePlayer } from './transport.ts';

/** Time code and transport buttons. */
export function Controls({ line }: { readonly line: CutLine }) {
  const rate = usePlayer((state) => state.transport.rate);
  const loop = usePlayer((state) => state.loop);
  const marked = usePlayer((state) => state.inFrame !== null || state.outFrame !== null);
  const readOnly = useReadOnly() !== null;
  const playing = rate !== 0;
  return (
    <div className={css.controls}>
      <div className={css.row} role="toolbar" aria-label="Transport">
        <IconButton small label="Shot before" keys="Shift+←" onClick={() => player.skipShot(-1)}>
          <ChevronFirst size={16} />
        </IconButton>
        <IconButton small label="One frame back" keys="←" onClick={() => player.step(-1)}>
          <ChevronLeft size={16} />
        </IconButton>
        <IconButton look="normal" label={playing ? 'Pause' : 'Play'} keys="Space" onClick={player.toggle}>
          {playing ? <Pause size={16} fill="currentColor" /> : <Play size={16} fill="currentColor" />}
        </IconButton>
        <IconButton small label="One frame on" keys="→" onClick={() => player.step(1)}>
          <ChevronRight size={16} />
        </IconButton>
        <IconButton small label="Next shot" keys="Shift+→" onClick={() => player.skipShot(1)}>
          <ChevronLast size={16} />
        </IconButton>
        <span className={css.gap} />
        <IconButton small label="Loop" aria-pressed={loop} onClick={player.toggleLoop}>
          <Repeat size={15} />
        </IconButton>
        <Tooltip text="In point here" keys="I">
          <Button small look="plain" onClick={player.markIn}>
            In
          </Button>
        </Tooltip>
        <Tooltip text="Out point here" keys="O">
          <Button small look="plain" onClick={player.markOut}>
            Out
          </Button>
        </Tooltip>
        {marked && (
          <IconButton small label="Clear in and out" keys="X" onClick={player.clearMarks}>
            <X size={14} />
          </IconButton>
        )}
        <span className={css.gap} />
        <IconButton small label="Add a sound at the playhead" disabled={readOnly} onClick={chooseSoundFiles}>
          <Music size={15} />
        </IconButton>
        <RecordButton />
        <span className={css.gap} />
        <Screens />
        {playing && rate !== 1 && <span className={css.rate}>{rate < 0 ? `−${-rate}×` : `${rate}×`}</span>}
      </div>
      <div className={css.times}>
        <TimeCode line={line} />
        <Facts line={line} />
      </div>
    </div>
  );
}

/** Where the film is shown: over the whole screen, over the graph, or in a window of its own. */
function Screens() {
  const large = useView((state) => state.playerLarge);
  return (
    <>
      <IconButton
        small
        label={large ? 'Back below the graph' : 'Enlarge over the graph'}
        aria-pressed={large}
        onClick={toggleLarge}
      >
        {large ? <Minimize2 size={14} /> : <Maximize2 size={14} />}
      </IconButton>
      <GuidesButton />
      <IconButton small label="A window of its own" onClick={() => void toggleDetached()}>
        <PictureInPicture2 size={15} />
      </IconButton>
      <IconButton small label="Full screen" keys="F" onClick={() => void toggleFullScreen()}>
        <Expand size={14} />
      </IconButton>
      <IconButton small label="Present from the selected shot" keys="P" onClick={startPresenting}>
        <Presentation size={15} />
      </IconButton>
    </>
  );
}

function GuidesButton() {
  const { thirds, safeAreas, centre, mask } = useLooks();
  const shown = thirds || safeAreas || centre || mask !== null;
  return (
    <Menu entries={guideEntries()} side="top">
      <IconButton small label="Guides and masks" aria-pressed={shown}>
        <Grid3x3 size={14} />
      </IconButton>
    </Menu>
  );
}

function TimeCode({ line }: { readonly line: CutLine }) {
  const frame = useSelection((state) => state.playheadFrame);
  return (
    <span className={css.code}>
      {timeCode(frame / line.fps)}
      <span className={css.total}> / {timeCode(lineFrameCount(line) / line.fps)}</span>
      <span className={css.frameNumber}>frame {frame + 1}</span>
    </span>
  );
}

/** The cut in a line: its size, and what of it is not as its recipe says. Its name stands at the top of the window. */
const Facts = memo(function Facts({ line }: { readonly line: CutLine }) {
  const video = useStudio((state) => state.model?.video);
  const count = (...kinds: readonly string[]) =>
    line.chunks.filter(({ availability }) => kinds.includes(availability)).length;
  const [stale, held, missing] = [count('stale'), count('held'), count('missing', 'coming', 'queued')];
  const notes = [
    stale > 0 ? `${stale} stale` : '',
    held > 0 ? `${held} kept` : '',
    missing > 0 ? `${missing} not made` : '',
  ].filter(Boolean);
  const facts = [
    `${plural(lineShots(line).length, 'shot')}, ${plural(line.chunks.length, 'chunk')}`,
    notes.length > 0 ? notes.join(', ') : 'all fresh',
    ...(video ? [`${line.fps} fps, ${video.width}×${video.height}`] : []),
  ].join(' · ');
  // As a tooltip too: a narrow window cuts the line.
  return (
    <span className={css.facts} title={facts}>
      {facts}
    </span>
  );
});

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
