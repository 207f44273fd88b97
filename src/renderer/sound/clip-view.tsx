import { type CSSProperties, type KeyboardEvent, type PointerEvent, type RefObject, useEffect, useRef } from 'react';
import { limits } from '../../shared/project/limits.ts';
import { sampleOfFrame } from '../../shared/sound/frame-samples.ts';
import { type SoundClip, samplesToSec } from '../../shared/sound/sound-clip.ts';
import { envelopeAt } from '../../shared/sound/sound-plan.ts';
import { timeCode } from '../../shared/timing.ts';
import type { CutLine } from '../memory/index.ts';
import { selectSound, useSelection, useStudio } from '../state/index.ts';
import { deleteSound, moveSound, nudgeSound, putSound, SoundGesture } from './change-sound.ts';
import { snapped, trimEnd, trimStart, withFades } from './edit-clip.ts';
import type { PlacedSound } from './placed-sounds.ts';
import css from './sound-lanes.module.css';
import { drawWaveform, onPeaks, peaksOf } from './waveform.ts';

/** A clip narrower than this has no room for its name, in pixels. */
const widthForName = 44;
/** Places this near are snapped to, in pixels. */
const snapPixels = 7;

export interface ClipViewProps {
  readonly sound: PlacedSound;
  readonly line: CutLine;
  /** Pixels a sample. */
  readonly scale: number;
  readonly rows: number;
  /** What a drag snaps to, by name. */
  readonly edges: RefObject<ReadonlyMap<string, number>>;
  readonly selected: boolean;
}

type Part = 'whole' | 'start' | 'end' | 'fade-in' | 'fade-out';

/** One sound: its waveform, to be moved, cut at its ends and faded by pointer or keys. */
export function ClipView({ sound, line, scale, rows, edges, selected }: ClipViewProps) {
  const { clip, shotId, startSample } = sound;
  const drag = useRef<Drag | null>(null);
  const recording = useStudio((state) => state.assets.get(clip.asset)?.sound?.lengthSamples ?? 0);
  const begin = (part: Part) => (event: PointerEvent<HTMLElement>) => {
    if (event.button !== 0) return;
    event.stopPropagation();
    event.currentTarget.setPointerCapture(event.pointerId);
    selectSound(shotId, clip.id);
    drag.current = { part, sound, x: event.clientX, y: event.clientY, gesture: new SoundGesture(sound) };
  };
  const move = (event: PointerEvent<HTMLElement>) => {
    const now = drag.current;
    if (!now) return;
    event.stopPropagation();
    const by = (event.clientX - now.x) / scale;
    const snap = (sample: number): number => {
      if (event.altKey) return sample;
      const { playheadFrame } = useSelection.getState();
      const places = [...edges.current].flatMap(([name, at]) => (name.startsWith(`${clip.id} `) ? [] : [at]));
      return snapped(sample, [...places, sampleOfFrame(playheadFrame, line.fps)], snapPixels / scale);
    };
    const lane = event.currentTarget.closest('section')?.clientHeight ?? 0;
    const down = lane > 0 ? Math.round(((event.clientY - now.y) * rows) / lane) : 0;
    now.gesture.change(dragged(now, by, down, snap, recording));
  };
  const end = () => {
    drag.current = null;
  };
  const handlers = { onPointerMove: move, onPointerUp: end, onPointerCancel: end, onLostPointerCapture: end };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey) return;
    const act =
      clipKeys[`${event.altKey ? 'Alt+' : ''}${event.key.length === 1 ? event.key.toLowerCase() : event.key}`];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act(sound, line, event.shiftKey ? 10 : 1, recording);
  };
  const width = Math.max(3, clip.lengthSamples * scale);
  const isLost = recording === 0;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a button cannot hold handles
    <div
      role="button"
      tabIndex={0}
      className={css.clip}
      aria-pressed={selected}
      aria-label={clipWords(sound)}
      data-muted={clip.muted || undefined}
      data-lost={isLost || undefined}
      data-menu="sound"
      data-of={shotId}
      data-sound={clip.id}
      style={{ left: startSample * scale, width, '--row': clip.row } as CSSProperties}
      onPointerDown={begin('whole')}
      {...handlers}
      onKeyDown={onKeyDown}
    >
      <Waveform clip={clip} width={width} samplesPerPixel={1 / scale} />
      {width > widthForName && (
        <span className={css.name}>{isLost ? `${clip.name}: its recording is gone` : clip.name}</span>
      )}
      <Fades clip={clip} scale={scale} />
      <span className={css.edge} data-edge="start" onPointerDown={begin('start')} {...handlers} />
      <span className={css.edge} data-edge="end" onPointerDown={begin('end')} {...handlers} />
      {selected && width > widthForName && (
        <>
          <span
            className={css.fade}
            style={{ left: clip.fadeInSamples * scale }}
            title="Fade in"
            onPointerDown={begin('fade-in')}
            {...handlers}
          />
          <span
            className={css.fade}
            style={{ left: (clip.lengthSamples - clip.fadeOutSamples) * scale }}
            title="Fade out"
            onPointerDown={begin('fade-out')}
            {...handlers}
          />
        </>
      )}
    </div>
  );
}

interface Drag {
  readonly part: Part;
  /** As it was when the drag began. */
  readonly sound: PlacedSound;
  readonly x: number;
  readonly y: number;
  readonly gesture: SoundGesture;
}

/** The sound as a drag has it, by so many samples and rows. */
function dragged(
  { part, sound }: Drag,
  by: number,
  down: number,
  snap: (sample: number) => number,
  recording: number,
): { readonly clip: SoundClip; readonly startSample: number } {
  const { clip, startSample } = sound;
  switch (part) {
    case 'whole': {
      const start = startSample + by;
      const atStart = snap(start);
      const atEnd = snap(start + clip.lengthSamples) - clip.lengthSamples;
      const to = Math.abs(atStart - start) <= Math.abs(atEnd - start) || atEnd === start ? atStart : atEnd;
      const row = Math.min(limits.soundRows - 1, Math.max(0, clip.row + down));
      return { clip: { ...clip, row }, startSample: Math.max(0, Math.round(to === start ? atEnd : to)) };
    }
    case 'start': {
      const wanted = Math.max(0, snap(startSample + by)) - startSample;
      const { clip: cut, moved } = trimStart(clip, wanted);
      return { clip: cut, startSample: startSample + moved };
    }
    case 'end': {
      const end = startSample + clip.lengthSamples;
      return { clip: trimEnd(clip, snap(end + by) - end, recording), startSample };
    }
    case 'fade-in':
      return {
        clip: withFades(
          clip,
          Math.min(clip.fadeInSamples + by, clip.lengthSamples - clip.fadeOutSamples),
          clip.fadeOutSamples,
        ),
        startSample,
      };
    case 'fade-out':
      return { clip: withFades(clip, clip.fadeInSamples, clip.fadeOutSamples - by), startSample };
  }
}

/** What a key does to the sound that has the focus; `steps` frames, or decibels. */
const clipKeys: Readonly<
  Record<string, (sound: PlacedSound, line: CutLine, steps: number, recording: number) => void>
> = {
  ArrowLeft: (sound, line, steps) => nudgeSound(sound, line, -steps),
  ArrowRight: (sound, line, steps) => nudgeSound(sound, line, steps),
  ArrowUp: (sound) => moveSound(sound, sound.startSample, sound.clip.row - 1),
  ArrowDown: (sound) => moveSound(sound, sound.startSample, sound.clip.row + 1),
  'Alt+ArrowLeft': (sound, line, steps, recording) =>
    putSound(sound, trimEnd(sound.clip, -sampleOfFrame(steps, line.fps), recording)),
  'Alt+ArrowRight': (sound, line, steps, recording) =>
    putSound(sound, trimEnd(sound.clip, sampleOfFrame(steps, line.fps), recording)),
  m: (sound) => putSound(sound, { ...sound.clip, muted: !sound.clip.muted }),
  Delete: (sound) => deleteSound(sound),
  Backspace: (sound) => deleteSound(sound),
  Enter: ({ shotId, clip }) => selectSound(shotId, clip.id),
  ' ': ({ shotId, clip }) => selectSound(shotId, clip.id),
};

function clipWords({ clip, startSample }: PlacedSound): string {
  const from = timeCode(samplesToSec(startSample));
  const length = samplesToSec(clip.lengthSamples).toFixed(1);
  return `Sound ${clip.name}, from ${from}, ${length} s${clip.muted ? ', muted' : ''}`;
}

/** The fades as lines over the waveform. */
function Fades({ clip, scale }: { readonly clip: SoundClip; readonly scale: number }) {
  const { fadeInSamples, fadeOutSamples } = clip;
  return (
    <>
      {fadeInSamples > 0 && <i className={css.slope} data-edge="start" style={{ width: fadeInSamples * scale }} />}
      {fadeOutSamples > 0 && <i className={css.slope} data-edge="end" style={{ width: fadeOutSamples * scale }} />}
    </>
  );
}

interface WaveformProps {
  readonly clip: SoundClip;
  /** In pixels. */
  readonly width: number;
  readonly samplesPerPixel: number;
}

/** Wider than any screen a canvas takes memory for what nobody sees. */
const widestCanvas = 4000;

function Waveform({ clip, width, samplesPerPixel }: WaveformProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const theme = useStudio((state) => state.settings?.theme);
  // biome-ignore lint/correctness/useExhaustiveDependencies: other colours are drawn with the theme
  useEffect(() => {
    const draw = () => {
      const element = canvas.current;
      const peaks = peaksOf(clip.asset);
      if (!element || !peaks) return;
      const color = getComputedStyle(element).color;
      const stretched = (samplesPerPixel * width) / Math.max(1, element.clientWidth);
      drawWaveform(element, clip, peaks, { from: 0, samplesPerPixel: stretched, color }, (sample) =>
        clip.muted ? 1 : envelopeAt(clip, sample),
      );
    };
    draw();
    const again = requestAnimationFrame(draw); // another theme's colours are there by then
    const stop = onPeaks(draw);
    return () => {
      cancelAnimationFrame(again);
      stop();
    };
  }, [clip, width, samplesPerPixel, theme]);
  return <canvas ref={canvas} className={css.wave} style={{ width: Math.min(width, widestCanvas) }} />;
}
