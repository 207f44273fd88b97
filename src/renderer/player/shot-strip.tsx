import { memo, type PointerEvent, useMemo, useRef } from 'react';
import { timeCode } from '../../shared/timing.ts';
import type { CutLine } from '../memory/index.ts';
import { chunkAtPixelFrame, chunkSpan, lineFrameCount, lineShots } from '../memory/line/line.ts';
import { useSize } from '../memory/parts/use-size.ts';
import { thumbUrl, useLivePreview, useSelection, useStudio } from '../state/index.ts';
import { FirstFrame } from '../ui/index.ts';
import { marksOf, picturesOf, type StripClip, sameClip, stripClips } from './model/strip-clips.ts';
import css from './shot-strip.module.css';
import { player, usePlayer } from './transport.ts';
import { TrimGrips } from './trim-grips.tsx';

/** Height of the line of names below the pictures, in pixels; as in shot-strip.module.css. */
const nameHeight = 20;
/** A shot narrower than this has no room for its number. */
const widthForName = 26;
/** A shot narrower than this has no room for its ends to be dragged. */
const widthForGrips = 24;
/** Pictures of one shot, at most. */
const mostPictures = 200;

/** The cut's shots at their true length. A slider: click or drag to seek; arrow keys step, as everywhere in the player. */
export function ShotStrip({ line }: { readonly line: CutLine }) {
  const [box, { width, height }] = useSize<HTMLDivElement>();
  const dragging = useRef(false);
  const frame = useSelection((state) => state.playheadFrame);
  const video = useStudio((state) => state.model?.video);
  const aspect = video ? video.width / video.height : 5 / 3;
  const count = lineFrameCount(line);
  const scale = width / Math.max(1, count);
  const chunk = chunkAtPixelFrame(line, frame);
  const seekTo = (event: PointerEvent<HTMLDivElement>) => {
    const left = event.currentTarget.getBoundingClientRect().left;
    player.goTo(Math.floor((event.clientX - left) / scale));
  };
  return (
    <div
      ref={box}
      className={css.strip}
      data-film-time=""
      role="slider"
      tabIndex={0}
      aria-label="Place in the film"
      aria-valuemin={1}
      aria-valuemax={count}
      aria-valuenow={Math.min(frame, count - 1) + 1}
      aria-valuetext={`${timeCode(frame / line.fps)}, shot ${(chunk?.shotIndex ?? 0) + 1}, ${chunk?.shotName ?? ''}`}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        seekTo(event);
        // A grip has the drag for itself; a click on it is a click on the film.
        if (event.target instanceof Element && event.target.closest('[data-edge]')) return;
        dragging.current = true;
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={(event) => dragging.current && seekTo(event)}
      onPointerUp={() => {
        dragging.current = false;
      }}
      onLostPointerCapture={() => {
        dragging.current = false;
      }}
    >
      <Clips line={line} scale={scale} pictureWidth={Math.max(20, height - nameHeight) * aspect} />
      <BeingMade line={line} scale={scale} aspect={aspect} />
      <Marked count={count} scale={scale} />
      <span className={css.playhead} style={{ transform: `translateX(${(frame + 0.5) * scale}px)` }} />
    </div>
  );
}

/** What lies outside the in and out points. */
function Marked({ count, scale }: { readonly count: number; readonly scale: number }) {
  const inFrame = usePlayer((state) => state.inFrame);
  const outFrame = usePlayer((state) => state.outFrame);
  return (
    <>
      {inFrame !== null && <span className={css.outside} style={{ left: 0, width: inFrame * scale }} data-edge="in" />}
      {outFrame !== null && outFrame < count - 1 && (
        <span className={css.outside} style={{ left: (outFrame + 1) * scale, right: 0 }} data-edge="out" />
      )}
    </>
  );
}

interface BeingMadeProps {
  readonly line: CutLine;
  readonly scale: number;
  /** Of a frame, width by height. */
  readonly aspect: number;
}

const nowhere = { shotId: '', indexInShot: 0 };

/** What can be seen already of the chunk that is being made. */
const BeingMade = memo(function BeingMade({ line, scale, aspect }: BeingMadeProps) {
  const now = useStudio(({ queue }) => queue.jobs.find(({ state }) => state === 'running')?.now) ?? nowhere;
  const preview = useLivePreview(now);
  const { shotId, indexInShot } = now;
  const chunk = useMemo(
    () => line.chunks.find((other) => other.shotId === shotId && other.indexInShot === indexInShot),
    [line, shotId, indexInShot],
  );
  if (!chunk || !preview) return null;
  const { first, count } = chunkSpan(line, chunk.chunkIndex);
  return (
    <span className={css.mark} data-kind="coming" style={{ left: first * scale, width: count * scale - 2 }}>
      <FirstFrame src={preview.image} aspect={aspect} alt="" />
    </span>
  );
});

interface ClipsProps {
  readonly line: CutLine;
  /** Pixels a frame. */
  readonly scale: number;
  /** Of one thumbnail, in pixels: so many as fit whole are shown, and one at least, smaller where it must be. */
  readonly pictureWidth: number;
}

/** All shots. Not drawn again while the playhead moves. */
const Clips = memo(function Clips({ line, scale, pictureWidth }: ClipsProps) {
  const clips = useMemo(() => stripClips(lineShots(line), scale), [line, scale]);
  return clips.map((clip) => (
    <Clip key={clip.shots[0].shotId} clip={clip} line={line} scale={scale} pictureWidth={pictureWidth} />
  ));
});

interface ClipProps extends ClipsProps {
  readonly clip: StripClip;
}

/** A shot, or several narrow ones: as many thumbnails as fit, and what of it is stale, pinned or missing. */
const Clip = memo(
  function Clip({ clip, line, scale, pictureWidth }: ClipProps) {
    const [shot, ...others] = clip.shots;
    const width = clip.count * scale;
    const pictures = Math.min(Math.max(1, Math.floor(width / pictureWidth)), mostPictures);
    return (
      <div
        className={css.clip}
        data-menu="shot"
        data-of={shot.shotId}
        style={{ left: clip.first * scale, width: Math.max(1, width - 2) }}
      >
        <div className={css.pictures}>
          {picturesOf(line, clip, pictures).map((key, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the pictures of a shot are its places
            <span key={i} className={css.picture}>
              {key !== null && <img src={thumbUrl(key)} alt="" loading="lazy" draggable={false} />}
            </span>
          ))}
        </div>
        {marksOf(line, clip).map(({ kind, first, count }) => {
          const left = (first - clip.first) * scale;
          return (
            <span
              key={first}
              className={css.mark}
              data-kind={kind}
              style={{ left, width: Math.min(count * scale, width - 2 - left) }}
            />
          );
        })}
        {others.length === 0 && width > widthForGrips && <TrimGrips shot={shot} scale={scale} />}
        {others.length === 0 && width > widthForName && (
          <span className={css.name}>
            <b>{shot.shotIndex + 1}</b> {width > 70 && shot.name}
          </span>
        )}
      </div>
    );
  },
  (before, now) =>
    before.scale === now.scale && before.pictureWidth === now.pictureWidth && sameClip(before.clip, now.clip),
);
