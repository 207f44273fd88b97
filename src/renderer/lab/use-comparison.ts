import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Job } from '../../shared/api/types.ts';
import type { ComparedFilm } from '../../shared/lab/index.ts';
import { choicesOf, type MemoryChoice } from '../../shared/memories/index.ts';
import type { Cut } from '../../shared/project/tree.ts';
import { allSent, api, attempt, endTyping, forProject, revisionOf, useStudio } from '../state/index.ts';
import { ask } from '../state/queries.ts';
import { madeOf, type PlannedFilm, planFilms } from './compared-films.ts';

/** A memory that is compared: its film, how far it is, and what was measured of it. */
export interface Column {
  readonly film: PlannedFilm;
  readonly made: number;
  /** What makes it just now, or will; null where nothing does. */
  readonly job: Job | null;
  /** Null until every chunk is there and it was measured. */
  readonly measured: ComparedFilm | null;
}

/** The memories of the loaded model. */
export function useChoices(): readonly MemoryChoice[] {
  const model = useStudio((state) => state.model);
  return useMemo(() => (model ? choicesOf(model) : []), [model]);
}

/** The cut under the chosen memories, as it is now. */
export function useComparison(cut: Cut, chosen: readonly MemoryChoice[]) {
  const document = useStudio((state) => state.document);
  const model = useStudio((state) => state.model);
  const chunks = useStudio((state) => state.chunks);
  const queue = useStudio((state) => state.queue);
  const films = useMemo(
    () => (document && model ? planFilms(document, cut, chosen, model) : []),
    [document, cut, chosen, model],
  );
  const whole = films.filter((film) => film.parts.length > 0 && madeOf(film, chunks) === film.parts.length);
  const { project } = forProject();
  const policies = whole.map(({ choice }) => choice.policy);
  const measuring = useQuery({
    ...ask.lab.measure.queryOptions({ input: { project, leaf: cut.leaf, policies } }),
    // Chunks never change: what was measured of these keys holds.
    queryKey: ['lab', project, cut.leaf, cut.shots[0]?.footage?.asset, whole.map(({ parts }) => parts.at(-1)?.key)],
    enabled: whole.length > 0,
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: keepPreviousData,
  });
  const ids = cut.shots.map(({ id }) => id).join();
  const columns = films.map(
    (film): Column => ({
      film,
      made: madeOf(film, chunks),
      job:
        queue.jobs.find(
          (job) =>
            job.policy === film.choice.policy &&
            job.shotIds.join() === ids &&
            (job.state === 'waiting' || job.state === 'running' || job.state === 'paused'),
        ) ?? null,
      measured:
        measuring.data?.films.find(
          ({ policy, keys }) => policy === film.choice.policy && keys.at(-1) === film.parts.at(-1)?.key,
        ) ?? null,
    }),
  );
  return { columns, returns: measuring.data?.returns ?? [], measuring, model };
}

/**
 * Queues what is missing of the cut under each of these memories, one after another. Once `stopped` is aborted no other
 * is queued, and the one that was being queued just then is taken back.
 */
export async function makeFilms(cut: Cut, films: readonly PlannedFilm[], stopped: AbortSignal): Promise<void> {
  endTyping();
  const { project } = forProject();
  await allSent();
  const shotIds = cut.shots.map(({ id }) => id);
  for (const { choice } of films) {
    if (stopped.aborted) return;
    const asked = await attempt(api.queue.generate({ ...revisionOf(project), shotIds, policy: choice.policy }));
    if (!asked) return; // what was wrong is said; the others would say it again
    if (stopped.aborted && asked.jobId) await attempt(api.queue.cancel({ project, jobId: asked.jobId }));
  }
}

/** Stops what a comparison queued. What is made stays, and is found when it goes on. */
export async function stopFilms(columns: readonly Column[]): Promise<void> {
  for (const { job } of columns) if (job) await attempt(api.queue.cancel({ ...forProject(), jobId: job.id }));
}
