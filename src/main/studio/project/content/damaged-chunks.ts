import { setTimeout as wait } from 'node:timers/promises';
import type { ProjectStore } from '../../../persistence/index.ts';

/** Chunks that are checked at one go, so that nobody waits long for the file, and the pause after them in milliseconds. */
const checkedAtOnce = 8;
const checkPauseMs = 5;

/**
 * Looks through what is stored, a little at a time, for what was altered on the disk. Ends early once `goesOn` says no,
 * or the file is out of reach: whoever reads next hears of that.
 * @param onDamaged takes keys of damaged chunks, and says how many of them nobody knew of
 * @returns how many those were
 */
export async function findDamaged({
  store,
  goesOn,
  onDamaged,
}: {
  readonly store: () => Pick<ProjectStore, 'findDamaged'>;
  readonly goesOn: () => boolean;
  readonly onDamaged: (keys: readonly string[]) => number;
}): Promise<number> {
  let found = 0;
  try {
    for (let after: number | null = 0; after !== null && goesOn(); ) {
      const answer: { damaged: string[]; next: number | null } = await store().findDamaged(after, checkedAtOnce);
      found += onDamaged(answer.damaged);
      after = answer.next;
      await wait(checkPauseMs, undefined, { ref: false });
    }
  } catch {}
  return goesOn() ? found : 0;
}

export function damagedWords(chunks: number): [message: string, hint: string] {
  const what = chunks === 1 ? 'One chunk of this project was' : `${chunks} chunks of this project were`;
  return [
    `${what} damaged on the disk and must be made again.`,
    'It is shown as missing: generate the shot to make it again.',
  ];
}

/** A damaged chunk was made again, with other bits. @param dependants chunks that were made after the earlier one */
export function replacedWords(dependants: number): [message: string, hint: string] {
  const after = dependants === 1 ? 'One chunk was' : `${dependants} chunks were`;
  return dependants === 0
    ? ['A damaged chunk was made again; it looks other than before.', 'Nothing was made after it.']
    : [
        `A damaged chunk was made again and looks other than before. ${after} made after the earlier one.`,
        'They are kept as they are. Where the picture jumps, make a new take of their shots.',
      ];
}
