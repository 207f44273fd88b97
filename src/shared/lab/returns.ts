import { beginShot, type Scene, type SceneWords } from '../scene/index.ts';

/** A stay at one place: shots one after the other whose prompts name the same place, time of day and shot size. */
interface Visit {
  readonly place: string;
  /** What the visit is known by. */
  readonly mark: string;
  readonly firstShot: number;
  readonly lastShot: number;
}

/** The story comes back to where it was: two shots that should look alike. */
export interface Return {
  /** The prompts' own word for the place. */
  readonly place: string;
  /** Last shot of the first visit, and first shot of the return; from 0. */
  readonly shot: number;
  readonly back: number;
}

/**
 * Where a story returns to, as its prompts say: a place that was left, seen at the same time of day and from as far. Every
 * return is compared with the first visit, so that errors do not add up unseen. Prompts that name no place return nowhere.
 * @param words of the model's vocabulary, where it has one
 */
export function findReturns(prompts: readonly string[], words: SceneWords | null): Return[] {
  const visits: Visit[] = [];
  let scene: Scene | null = null;
  for (const [shot, prompt] of prompts.entries()) {
    ({ scene } = beginShot(scene, prompt, words));
    const { mark, place } = markOf(scene);
    const last = visits.at(-1);
    if (last?.mark === mark) visits[visits.length - 1] = { ...last, lastShot: shot };
    else visits.push({ mark, place, firstShot: shot, lastShot: shot });
  }
  return visits.flatMap((visit, i) => {
    const first = visits.findIndex(({ mark }) => mark === visit.mark);
    const earlier = visits[first] as Visit;
    return visit.place === '' || first === i
      ? []
      : [{ place: visit.place, shot: earlier.lastShot, back: visit.firstShot }];
  });
}

function markOf({ places, time, size }: Scene): { mark: string; place: string } {
  const ids = places.map(({ id }) => id).sort();
  // A camera that moves through several sizes is like no other.
  const mark = JSON.stringify([ids, time?.id ?? 'day', size]);
  return { mark, place: places.map(({ word }) => word).join(' and ') };
}
