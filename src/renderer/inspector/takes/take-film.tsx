import { type CSSProperties, useEffect, useState } from 'react';
import type { Take } from '../../../shared/project/document.ts';
import { stripUrl, thumbUrl, useStudio } from '../../state/index.ts';
import { frameAt } from './frame-at.ts';
import css from './takes.module.css';

/** Frames a second where no model says it. */
const assumedFps = 8;

/** Counts frames while it runs, from 0; all that ask are in step. @param running false: it stands at 0 */
export function useFrameClock(running: boolean): number {
  const fps = useStudio((state) => state.model?.video.fps ?? assumedFps);
  const [frame, setFrame] = useState(0);
  useEffect(() => {
    if (!running) {
      setFrame(0);
      return;
    }
    const timer = setInterval(() => setFrame((now) => now + 1), 1000 / fps);
    return () => clearInterval(timer);
  }, [running, fps]);
  return frame;
}

/** A take as a film: the frame of a clock, over and over; a still where the clock is null. */
export function TakeFilm({ take, frame }: { readonly take: Take; readonly frame: number | null }) {
  const chunks = useStudio((state) => state.chunks);
  const parts = take.keys.flatMap((key) => {
    const frames = chunks.get(key)?.frameCount;
    return frames === undefined ? [] : [{ key, frames }];
  });
  const [first] = parts;
  if (!first) return <span className={css.gone}>Its pictures were cleaned up</span>;
  if (frame === null) return <img src={thumbUrl(first.key)} alt="" draggable={false} />;
  const { part, at } = frameAt(parts, frame);
  // The strip has one frame below the other; it is moved so that one of them shows.
  const style = { '--frames': part.frames, '--frame': at } as CSSProperties;
  return <img className={css.strip} style={style} src={stripUrl(part.key)} alt="" draggable={false} />;
}
