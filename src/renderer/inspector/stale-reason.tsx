import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { ProjectShot } from '../../shared/project/document.ts';
import { type StaleCause, staleCause } from '../../shared/project/stale-cause.ts';
import type { ShotStatus } from '../../shared/project/status.ts';
import { pathTo, shotTitle } from '../../shared/project/tree.ts';
import { forProject, useStory } from '../state/index.ts';
import { ask, queries } from '../state/queries.ts';
import { differences, type TakeRecipe } from './takes/differences.ts';

/** Which edit made a shot stale: the first shot on the way to it that is otherwise than it was, and in what. */
export interface KnownCause {
  readonly cause: StaleCause;
  /** What stood there; null where nothing did, and until it is known. */
  readonly made: TakeRecipe | null;
}

/** Null where nobody can say, and until it is known. */
export function useStaleCause(shot: ProjectShot, status: ShotStatus): KnownCause | null {
  const { project } = forProject();
  const plan = useStory((state) => state.plan);
  const document = useStory((state) => state.document);
  const index = status.chunks.findIndex(({ state }) => state === 'stale');
  const shown = status.chunks[index]?.shown ?? '';
  const asked = { enabled: shown !== '', staleTime: Infinity } as const;
  const { data: ancestors } = useQuery(
    ask.chunks.ancestors.queryOptions({ input: { project, key: shown }, ...asked }),
    queries,
  );
  const cause = useMemo(() => {
    if (!plan || !document || !ancestors || shown === '') return null;
    // What it was made after is no longer all there: then nobody can say.
    if ((ancestors[0]?.chunkIndex ?? 0) !== 0) return null;
    const path = pathTo(document, shot.id).flatMap((made, shotIndex) =>
      plan.chunksOf(made.id).map((chunk) => ({ shot: made, shotIndex, chunk })),
    );
    const end = plan.firstChunkIndex(shot.id) + index;
    const made = new Map(ancestors.map(({ chunkIndex, key }) => [chunkIndex, key]));
    made.set((ancestors.at(-1)?.chunkIndex ?? -1) + 1, shown);
    return staleCause(path.slice(0, end + 1), made);
  }, [plan, document, ancestors, shown, shot.id, index]);
  const madeKey = cause?.madeKey ?? '';
  const { data: made } = useQuery(
    ask.chunks.recipe.queryOptions({ input: { project, key: madeKey }, enabled: madeKey !== '', staleTime: Infinity }),
    queries,
  );
  return cause ? { cause, made: made ?? null } : null;
}

/** The edit in words. `is`: the stale shot itself. */
export function staleWords({ cause, made }: KnownCause, is: ProjectShot): string {
  const { recipe } = cause.chunk;
  const what = made ? differences({ recipe, parentKey: made.parentKey }, made).join(', ') : '';
  const who = cause.shot.id === is.id ? 'This shot' : `Shot ${cause.shotIndex + 1}, “${shotTitle(cause.shot)}”,`;
  return `${who} ${cause.madeKey === null ? 'was put in' : 'is not as it was'}${what ? `: ${what}.` : '.'}`;
}
