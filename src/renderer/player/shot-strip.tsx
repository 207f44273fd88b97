import { type PointerEvent, useRef } from 'react';
import { timeCode } from '../../shared/timing.ts';
import type { CutLine, LineChunk, LineShot } from '../memory/index.ts';
import { chunkAtPixelFrame, chunkSpan, lineFrameCount, lineShots, shortName } from '../memory/model/line.ts';
import { useSize } from '../memory/use-size.ts';
import { thumbUrl, useLivePreview, useSelection, useStudio } from '../state/index.ts';
import { FirstFrame } from '../ui/index.ts';
import css from './shot-strip.module.css';
import { player, usePlayer } from './transport.ts';

/** Height of the line of names below the pictures, in pixels; as in shot-strip.module.css. */
const nameHeight = 20;
/** A shot narrower than this has no room for its number. */
const widthForName = 26;

/** The cut's shots at their true length. A slider: click or drag to seek; arrow keys step, as everywhere in the player. */
export function ShotStrip({ line }: { readonly line: CutLine }) {
  const [box, { width, height }] = useSize<HTMLDivElement>();
  const dragging = useRef(false);
  const frame = useSelection((state) => state.playheadFrame);
  const inFrame = usePlayer((state) => state.inFrame);
  const outFrame = usePlayer((state) => state.outFrame);
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
      role="slider"
      tabIndex={0}
      aria-label="Place in the film"
      aria-valuemin={1}
      aria-valuemax={count}
      aria-valuenow={Math.min(frame, count - 1) + 1}
      aria-valuetext={`${timeCode(frame / line.fps)}, shot ${(chunk?.shotIndex ?? 0) + 1}, ${chunk?.shotName ?? ''}`}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        dragging.current = true;
        event.currentTarget.setPointerCapture(event.pointerId);
        seekTo(event);
      }}
      onPointerMove={(event) => dragging.current && seekTo(event)}
      onPointerUp={() => {
        dragging.current = false;
      }}
      onLostPointerCapture={() => {
        dragging.current = false;
      }}
    >
      {lineShots(line).map((shot) => (
        <Clip
          key={shot.shotId}
          shot={shot}
          line={line}
          scale={scale}
          aspect={aspect}
          pictureWidth={Math.max(20, height - nameHeight) * aspect}
        />
      ))}
      {inFrame !== null && <span className={css.outside} style={{ left: 0, width: inFrame * scale }} data-edge="in" />}
      {outFrame !== null && outFrame < count - 1 && (
        <span className={css.outside} style={{ left: (outFrame + 1) * scale, right: 0 }} data-edge="out" />
      )}
      <span className={css.playhead} style={{ transform: `translateX(${(frame + 0.5) * scale}px)` }} />
    </div>
  );
}

interface ClipProps {
  readonly shot: LineShot;
  readonly line: CutLine;
  readonly scale: number;
  /** Of a frame, width by height. */
  readonly aspect: number;
  /** Of one thumbnail, in pixels; the shot's are stretched a little to fill it. */
  readonly pictureWidth: number;
}

/** One shot: as many thumbnails as fit, and what of it is stale, pinned or missing. */
function Clip({ shot, line, scale, aspect, pictureWidth }: ClipProps) {
  const width = shot.count * scale;
  const fitting = Math.max(1, Math.round(width / pictureWidth));
  const pictures = Math.min(fitting, 200);
  const shown = Array.from({ length: pictures }, (_, i) => {
    const at = shot.first + ((i + 0.5) / pictures) * shot.count;
    return chunkAtPixelFrame(line, Math.floor(at))?.key ?? null;
  });
  return (
    <div className={css.clip} style={{ left: shot.first * scale, width: Math.max(1, width - 2) }}>
      <div className={css.pictures}>
        {shown.map((key, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the pictures of a shot are its places
          <span key={i} className={css.picture}>
            {key !== null && <img src={thumbUrl(key)} alt="" loading="lazy" draggable={false} />}
          </span>
        ))}
      </div>
      {shot.chunks.map((chunk) => {
        if (chunk.availability === 'fresh') return null;
        const { first, count } = chunkSpan(line, chunk.chunkIndex);
        const left = (first - shot.first) * scale;
        return (
          <Mark
            key={chunk.chunkIndex}
            chunk={chunk}
            aspect={aspect}
            left={left}
            width={Math.min(count * scale, width - 2 - left)}
          />
        );
      })}
      {width > widthForName && (
        <span className={css.name}>
          <b>{shot.shotIndex + 1}</b> {width > 70 && shortName(shot.name, 40)}
        </span>
      )}
    </div>
  );
}

interface MarkProps {
  readonly chunk: LineChunk;
  readonly aspect: number;
  /** Pixels, in the clip. */
  readonly left: number;
  readonly width: number;
}

/** What of a chunk is not as its recipe says; of the one being made, what can be seen of it. */
function Mark({ chunk, aspect, left, width }: MarkProps) {
  const preview = useLivePreview(chunk);
  return (
    <span className={css.mark} data-kind={chunk.availability} style={{ left, width }}>
      {preview && <FirstFrame src={preview.image} aspect={aspect} alt="" />}
    </span>
  );
}
