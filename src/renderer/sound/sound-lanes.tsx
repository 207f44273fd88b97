import { type CSSProperties, memo, useMemo, useRef } from 'react';
import { limits } from '../../shared/project/limits.ts';
import { sampleOfFrame } from '../../shared/sound/frame-samples.ts';
import type { CutLine } from '../memory/index.ts';
import { lineFrameCount, lineShots } from '../memory/line/line.ts';
import { useSize } from '../memory/parts/use-size.ts';
import { useSelection } from '../state/index.ts';
import { ClipView } from './clip-view.tsx';
import { type PlacedSound, usePlacedSounds } from './placed-sounds.ts';
import css from './sound-lanes.module.css';

/** The sounds of the cut, below its pictures and on the same scale. Nothing where there are none. */
export function SoundLanes({ line }: { readonly line: CutLine }) {
  const sounds = usePlacedSounds();
  if (sounds.length === 0) return null;
  return <Lanes line={line} sounds={sounds} />;
}

function Lanes({ line, sounds }: { readonly line: CutLine; readonly sounds: readonly PlacedSound[] }) {
  const [box, { width }] = useSize<HTMLElement>();
  const count = lineFrameCount(line);
  const rows = Math.min(limits.soundRows, sounds.reduce((most, { clip }) => Math.max(most, clip.row), 0) + 1);
  const filmSamples = Math.max(1, sampleOfFrame(count, line.fps));
  return (
    <section
      ref={box}
      className={css.lanes}
      data-film-time=""
      aria-label="Sounds"
      style={{ '--rows': rows } as CSSProperties}
    >
      <Clips line={line} sounds={sounds} scale={width / filmSamples} rows={rows} />
      <Playhead scale={width / Math.max(1, count)} />
    </section>
  );
}

function Playhead({ scale }: { readonly scale: number }) {
  const frame = useSelection((state) => state.playheadFrame);
  return <span className={css.playhead} style={{ transform: `translateX(${(frame + 0.5) * scale}px)` }} />;
}

interface ClipsProps {
  readonly line: CutLine;
  readonly sounds: readonly PlacedSound[];
  /** Pixels a sample. */
  readonly scale: number;
  readonly rows: number;
}

/** All clips. Not drawn again while the playhead moves. */
const Clips = memo(function Clips({ line, sounds, scale, rows }: ClipsProps) {
  const selected = useSelection((state) => state.sound);
  const edges = useMemo(() => edgesOf(line, sounds), [line, sounds]);
  const latest = useRef(edges);
  latest.current = edges;
  return useSteadyOrder(sounds).map((sound) => (
    <ClipView
      // Not by its shot: a drag takes it from one to another.
      key={sound.clip.id}
      sound={sound}
      line={line}
      scale={scale}
      rows={rows}
      edges={latest}
      selected={selected?.soundId === sound.clip.id}
    />
  ));
});

/**
 * In the order they came: what is dragged or moved by keys past others stays where it is in the page, since an element
 * that is put elsewhere loses the pointer and the focus.
 */
function useSteadyOrder(sounds: readonly PlacedSound[]): readonly PlacedSound[] {
  const order = useRef<readonly string[]>([]);
  const byId = new Map(sounds.map((sound) => [sound.clip.id, sound]));
  const kept = order.current.filter((id) => byId.has(id));
  const known = new Set(kept);
  order.current = [...kept, ...[...byId.keys()].filter((id) => !known.has(id))];
  return order.current.map((id) => byId.get(id) as PlacedSound);
}

/** Where clips snap to: beginnings of shots, the film's end, and the ends of other clips. */
function edgesOf(line: CutLine, sounds: readonly PlacedSound[]): ReadonlyMap<string, number> {
  const edges = new Map<string, number>();
  for (const { shotId, first } of lineShots(line)) edges.set(shotId, sampleOfFrame(first, line.fps));
  edges.set('end', sampleOfFrame(lineFrameCount(line), line.fps));
  for (const { clip, startSample } of sounds) {
    edges.set(`${clip.id} start`, startSample);
    edges.set(`${clip.id} end`, startSample + clip.lengthSamples);
  }
  return edges;
}
