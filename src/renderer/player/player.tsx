import { type KeyboardEvent, useEffect, useRef } from 'react';
import { type CutLine, useCutLine } from '../memory/index.ts';
import { SoundLanes } from '../sound/sound-lanes.tsx';
import { useStudio } from '../state/index.ts';
import { useView } from '../state/view.ts';
import { EmptyState } from '../ui/index.ts';
import { Controls } from './controls.tsx';
import { Picture } from './picture.tsx';
import css from './player.module.css';
import { PresentWords } from './present/present-words.tsx';
import { startPresenting } from './present/presentation.ts';
import { usePointerAwake, usePresent } from './present/use-present.ts';
import { toggleFullScreen } from './screens.ts';
import { ShotStrip } from './shot-strip.tsx';
import { player, playLine, usePlayer } from './transport.ts';
import { trimBy } from './trim.ts';
import { usePlayback } from './use-playback.ts';
import { useSpace } from './use-space.ts';

/** Shortcuts while the player has the focus. */
const keys: Record<string, () => void> = {
  k: player.stop,
  j: () => player.shuttle(-1),
  l: () => player.shuttle(1),
  i: player.markIn,
  o: player.markOut,
  x: player.clearMarks,
  ArrowLeft: () => player.step(-1),
  ArrowRight: () => player.step(1),
  'Shift+ArrowLeft': () => player.skipShot(-1),
  'Shift+ArrowRight': () => player.skipShot(1),
  Home: () => player.toEdge('first'),
  End: () => player.toEdge('last'),
  q: () => trimBy('head', 1),
  w: () => trimBy('tail', 1),
  'Shift+q': () => trimBy('head', -1),
  'Shift+w': () => trimBy('tail', -1),
  f: () => void toggleFullScreen(),
  p: startPresenting,
};

/** Plays the active cut at its true rate, also while its later chunks are still being made. */
export function Player() {
  const line = useCutLine();
  useEffect(() => playLine(line), [line]);
  useSpace();
  const large = useView((state) => state.playerLarge);
  const presenting = usePlayer((state) => state.presenting);
  usePresent(presenting);
  const awake = usePointerAwake(presenting);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const action = keys[event.shiftKey && (event.key.length > 1 || `Shift+${name}` in keys) ? `Shift+${name}` : name];
    if (!action) return;
    event.preventDefault();
    event.stopPropagation();
    action();
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a toolbar, a picture and a slider in one named region
    <div
      className={css.player}
      role="region"
      aria-label="Player"
      data-menu="player"
      data-player=""
      data-large={large || undefined}
      data-presenting={presenting || undefined}
      data-awake={awake || undefined}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: takes the focus, and with it the shuttle keys
      tabIndex={0}
      onKeyDown={onKeyDown}
    >
      {line.chunks.length === 0 ? (
        <EmptyState text="The film plays here as soon as it has a shot." />
      ) : (
        <Playing line={line} presenting={presenting} awake={awake} />
      )}
    </div>
  );
}

interface PlayingProps {
  readonly line: CutLine;
  readonly presenting: boolean;
  /** The pointer was moved just now. */
  readonly awake: boolean;
}

/** The picture, the buttons and the strip. With the first shot they come, and with the last they go. */
function Playing({ line, presenting, awake }: PlayingProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const video = useStudio((state) => state.model?.video);
  usePlayback(canvas);
  return (
    <div className={css.inside}>
      <Picture canvas={canvas} line={line} aspect={video ? video.width / video.height : 5 / 3} />
      {presenting ? (
        <PresentWords line={line} awake={awake} />
      ) : (
        <div className={css.side}>
          <Controls line={line} />
          <ShotStrip line={line} />
          <SoundLanes line={line} />
        </div>
      )}
    </div>
  );
}
