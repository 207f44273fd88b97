import { ThroughlineError } from '../errors.ts';
import { pixelFramesOfChunks, shotPixelFrames } from '../timing.ts';
import { isTrimmed } from '../trim.ts';
import type { ProjectDocument, ProjectShot, ShotId } from './document.ts';
import { shotTitle } from './tree.ts';

/**
 * Refuses a change that trims all of a shot away: one that trims more, makes the shot shorter, or divides it where it is
 * not shown. What moves elsewhere keeps its trim; see `shownPart`.
 * @param chunkFrames latent frames of a chunk of the model in use
 * @throws ThroughlineError `bad-input`, which says how many frames the shot has
 */
export function requireTrims(before: ProjectDocument, after: ProjectDocument, chunkFrames: number): void {
  if (before.shots === after.shots) return;
  const unchanged = new Set(before.shots);
  const known = new Map(before.shots.map((shot) => [shot.id, shot]));
  const now = new Map(after.shots.map((shot) => [shot.id, shot]));
  const isShorter = (id: ShotId | null): boolean =>
    id !== null && (now.get(id)?.chunks ?? 0) < (known.get(id)?.chunks ?? 0);
  // What came from elsewhere was not trimmed just now; the rest of a shot that was divided was.
  const isCutAnew = (shot: ProjectShot): boolean => {
    const was = known.get(shot.id);
    return was ? was.chunks !== shot.chunks || was.trim !== shot.trim : isShorter(shot.parent);
  };
  for (const shot of after.shots) {
    if (unchanged.has(shot) || !isTrimmed(shot.trim) || !isCutAnew(shot)) continue;
    const frames = framesOfShot(shot, chunkFrames);
    const off = shot.trim.head + shot.trim.tail;
    if (off < frames) continue;
    throw new ThroughlineError(
      'bad-input',
      `"${shotTitle(shot)}" has ${frames} frames, and ${off} of them would be trimmed off.`,
      'Leave at least one frame, or trim less first.',
    );
  }
}

/** Pixel frames of a whole shot. Only the first chunk of a story is shorter. */
export function framesOfShot({ parent, chunks }: Pick<ProjectShot, 'parent' | 'chunks'>, chunkFrames: number): number {
  return parent === null ? pixelFramesOfChunks(chunks, chunkFrames) : shotPixelFrames(1, chunks, chunkFrames);
}
