import { useMemo } from 'react';
import type { ProjectDocument, ShotId } from '../../shared/project/document.ts';
import { limits } from '../../shared/project/limits.ts';
import { frameOfSample, sampleOfFrame } from '../../shared/sound/frame-samples.ts';
import type { SoundClip } from '../../shared/sound/sound-clip.ts';
import { type CutLine, useCutLine } from '../memory/index.ts';
import { lineShots } from '../memory/line/line.ts';
import { useStory } from '../state/index.ts';

/** A sound of the active cut at its place in the film, in samples at 48 kHz. */
export interface PlacedSound {
  readonly shotId: ShotId;
  readonly clip: SoundClip;
  readonly startSample: number;
}

/** The sounds of a cut, in the order of its shots. */
export function placeSounds(line: CutLine, soundsOf: (id: ShotId) => readonly SoundClip[]): PlacedSound[] {
  return lineShots(line).flatMap(({ shotId, first, part }) =>
    soundsOf(shotId).map((clip) => ({
      ...{ shotId, clip },
      // From the shot's very first frame on, also where that is trimmed off: sound and picture stay together.
      startSample: sampleOfFrame(first - part.head, line.fps) + clip.offsetSamples,
    })),
  );
}

/** Where on a cut a sound hangs that is to be heard from a sample on: the shot that is shown then; the last one beyond. */
export function anchorAt(
  line: CutLine,
  sample: number,
): { readonly shotId: ShotId; readonly offsetSamples: number } | null {
  const shots = lineShots(line);
  const at = Math.max(0, Math.round(sample));
  const frame = frameOfSample(at, line.fps);
  const shot = shots.findLast(({ first }) => first <= frame) ?? shots[0];
  return shot
    ? { shotId: shot.shotId, offsetSamples: at - sampleOfFrame(shot.first - shot.part.head, line.fps) }
    : null;
}

/** A row in which nothing is heard from one sample up to another; the last one where all are taken. */
export function freeRow(sounds: readonly PlacedSound[], from: number, to: number): number {
  const taken = new Set(
    sounds
      .filter(({ startSample, clip }) => startSample < to && startSample + clip.lengthSamples > from)
      .map(({ clip }) => clip.row),
  );
  for (let row = 0; row < limits.soundRows; row++) if (!taken.has(row)) return row;
  return limits.soundRows - 1;
}

const nothing: readonly SoundClip[] = [];

/** The sounds of the active cut. */
export function usePlacedSounds(): readonly PlacedSound[] {
  const line = useCutLine();
  const byId = useStory((state) => state.byId);
  return useMemo(() => placeSounds(line, (id) => byId.get(id)?.sounds ?? nothing), [line, byId]);
}

/** Names a sound: where it hung when it was named. */
export interface SoundName {
  readonly shotId: ShotId;
  readonly soundId: string;
}

/** The shot that a named sound hangs on now: an undo may have brought it to another. Null where it is gone. */
export function shotOfSound(document: ProjectDocument | null, name: SoundName | null): ShotId | null {
  if (!document || !name) return null;
  const holding = document.shots.filter(({ sounds }) => sounds?.some(({ id }) => id === name.soundId));
  return (holding.find(({ id }) => id === name.shotId) ?? holding[0])?.id ?? null;
}

/** A named sound; null where it is gone. */
export function findSound(document: ProjectDocument | null, name: SoundName | null): SoundClip | null {
  const shotId = shotOfSound(document, name);
  const shot = document?.shots.find(({ id }) => id === shotId);
  return shot?.sounds?.find(({ id }) => id === name?.soundId) ?? null;
}
