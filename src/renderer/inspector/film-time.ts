import { type FilmRange, spansOfShots } from '../../shared/edit/film-frames.ts';
import type { ProjectShot, ShotId } from '../../shared/project/document.ts';
import { shotPixelFrames } from '../../shared/timing.ts';

/** Where a shot lies in its film, in frames at the model's rate, with everything before it trimmed as it is. */
export function filmSpan(byId: ReadonlyMap<ShotId, ProjectShot>, shot: ProjectShot, chunkFrames: number): FilmRange {
  const path: ProjectShot[] = [];
  for (let at: ProjectShot | undefined = shot; at; at = at.parent === null ? undefined : byId.get(at.parent)) {
    path.push(at);
  }
  let chunks = 0;
  const sources = path.reverse().map(({ chunks: length, trim }) => {
    const frames = shotPixelFrames(chunks, length, chunkFrames);
    chunks += length;
    return { frames, trim };
  });
  return spansOfShots(sources).at(-1) as FilmRange;
}
