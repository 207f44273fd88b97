import type { FilmRange } from '../../../shared/edit/film-frames.ts';
import { ThroughlineError } from '../../../shared/errors.ts';
import type { ModelInfo } from '../../../shared/render.ts';
import { cutText } from '../../../shared/text.ts';
import { editOfFilm, missingShots } from './edit-of-film.ts';
import type { FilmPlan, FilmShot } from './film-plan.ts';

type Timing = Pick<ModelInfo, 'chunkFrames' | 'video'>;

/** Shots named in one sentence; the rest are counted. */
const mostNamed = 6;

/**
 * Refuses a part of a film that nothing can be shown of.
 * @throws ThroughlineError `bad-input`, which says which shots are not made
 */
export function requireShown(film: FilmPlan, model: Timing, range: FilmRange, needs: 'plan' | 'frames'): void {
  const { frames } = editOfFilm(film, '', model, null, range);
  if (frames.some(({ shown }) => shown > 0)) return;
  const missing = missingShots(film, model, range);
  throw missing.length > 0
    ? new ThroughlineError(
        'bad-input',
        `Nothing between the in and out points is made yet: ${listShots(film, missing)}.`,
        needs === 'frames' ? 'Generate it first, or choose another part.' : 'Choose another part.',
      )
    : new ThroughlineError('bad-input', 'The in and out points lie beyond the end of the film.', 'Set them again.');
}

/** What of a part of a film is not made, and so not in it. */
export function rangeNotes(film: FilmPlan, model: Timing, range: FilmRange): string[] {
  const missing = missingShots(film, model, range);
  return missing.length === 0
    ? []
    : [`Not made, or not all of it, and left out between the in and out points: ${listShots(film, missing)}.`];
}

/** `shot 2 "A red cat", shot 12A "The city" and 3 more`. */
function listShots(film: FilmPlan, shots: readonly FilmShot[]): string {
  const named = shots.slice(0, mostNamed).map((shot) => {
    const number = shot.shot.fields?.number || String(film.shots.indexOf(shot) + 1);
    return `shot ${number} "${cutText(shot.title, 40)}"`;
  });
  const rest = shots.length - named.length;
  return rest > 0 ? `${named.join(', ')} and ${rest} more` : named.join(', ');
}
