import { ArrowDown, ArrowUp, Pause, Play, RotateCcw, X } from 'lucide-react';
import type { Job } from '../../shared/api/types.ts';
import { shotTitle } from '../../shared/project/tree.ts';
import { togglePause } from '../actions/generate.ts';
import { phaseFraction, phaseWords } from '../graph/status-words.ts';
import { api, attempt, forProject, useStory, useStudio } from '../state/index.ts';
import { useLayer } from '../state/layers.ts';
import { useView } from '../state/view.ts';
import { EmptyState, IconButton } from '../ui/index.ts';
import { FarmPanel, GoOnHere } from './farm/farm-panel.tsx';
import { waitsOf } from './farm/waits.ts';
import css from './queue-drawer.module.css';
import { agoWords, counted, timeLeft } from './words.ts';

/** Everything that is being made or waits to be, in order; below it what is over, the newest first. */
export function QueueDrawer() {
  useLayer(() => useView.setState({ queueOpen: false }));
  const { paused, jobs } = useStudio((state) => state.queue);
  const waiting = jobs.filter(({ state }) => state === 'waiting');
  const move = (id: string, by: 1 | -1) => {
    const ids = waiting.map((job) => job.id);
    const at = ids.indexOf(id);
    const other = ids[at + by];
    if (other === undefined) return;
    ids[at + by] = id;
    ids[at] = other;
    void attempt(api.queue.reorder({ ...forProject(), jobIds: ids }));
  };
  return (
    <section className={css.queue} aria-label="Queue">
      <header className={css.head}>
        <h2>Queue</h2>
        {jobs.length > 0 && (
          <IconButton small label={paused ? 'Resume' : 'Pause after this step'} onClick={() => void togglePause()}>
            {paused ? <Play size={14} /> : <Pause size={14} />}
          </IconButton>
        )}
        <IconButton small label="Close the queue" keys="Ctrl+J" onClick={() => useView.setState({ queueOpen: false })}>
          <X size={15} />
        </IconButton>
      </header>
      <FarmPanel />
      {jobs.length === 0 ? (
        <EmptyState text="Nothing is being made. What you generate appears here." />
      ) : (
        <ol className={css.jobs}>
          {inOrder(jobs).map((job) => (
            <JobCard
              key={job.id}
              job={job}
              paused={paused}
              first={job.id === waiting[0]?.id}
              last={job.id === waiting.at(-1)?.id}
              onMove={(by) => move(job.id, by)}
            />
          ))}
        </ol>
      )}
    </section>
  );
}

/** Lines of what waits for what. */
const mostWaits = 4;

const isOver = ({ state }: Job): boolean => state === 'failed' || state === 'done' || state === 'cancelled';

/** Work first, as it will be done; then what is over, the newest first. */
export function inOrder(jobs: readonly Job[]): Job[] {
  return [...jobs.filter((job) => !isOver(job)), ...jobs.filter(isOver).reverse()];
}

interface JobCardProps {
  readonly job: Job;
  readonly paused: boolean;
  readonly first: boolean;
  readonly last: boolean;
  readonly onMove: (by: 1 | -1) => void;
}

function JobCard({ job, paused, first, last, onMove }: JobCardProps) {
  const shot = useStory((state) => (job.now ? state.byId.get(job.now.shotId) : undefined));
  const parts = [job.now, ...(job.besides ?? [])].map((one) => (one ? phaseFraction(one.phase) : 0));
  const fraction = (job.chunksDone + parts.reduce((sum, part) => sum + part, 0)) / Math.max(1, job.chunksTotal);
  const onFarm = useStudio((state) => state.farm.state !== 'off');
  const over = isOver(job);
  const jobId = job.id;
  return (
    <li className={css.job} data-state={job.state}>
      <div className={css.top}>
        <strong title={job.title}>{job.title}</strong>
        {job.state === 'waiting' && (
          <>
            <IconButton small label="Earlier" disabled={first} onClick={() => onMove(-1)}>
              <ArrowUp size={14} />
            </IconButton>
            <IconButton small label="Later" disabled={last} onClick={() => onMove(1)}>
              <ArrowDown size={14} />
            </IconButton>
          </>
        )}
        {job.state === 'failed' && (
          <IconButton small label="Try again" onClick={() => void attempt(api.queue.retry({ ...forProject(), jobId }))}>
            <RotateCcw size={14} />
          </IconButton>
        )}
        <IconButton
          small
          label={over ? 'Remove from the list' : 'Cancel; what is made stays'}
          onClick={() =>
            void attempt(
              over ? api.queue.dismiss({ ...forProject(), jobId }) : api.queue.cancel({ ...forProject(), jobId }),
            )
          }
        >
          <X size={14} />
        </IconButton>
      </div>
      <div className={css.about}>
        {jobWords(job, paused)}
        {job.now && shot && !job.besides && ` · ${shotTitle(shot)}, chunk ${job.now.indexInShot + 1}`}
        {job.besides && ` · ${job.besides.length + 1} side by side`}
        {job.queuedAt !== undefined && ` · ${agoWords(job.queuedAt, Date.now())}`}
      </div>
      {job.now && !job.besides && <div className={css.about}>{phaseWords(job.now.phase)}</div>}
      {job.state === 'running' && <Waiting job={job} />}
      {job.error && (
        <div className={css.failed}>
          {job.error.message} {job.error.hint}
        </div>
      )}
      {job.error?.code === 'farm' && onFarm && (
        <div>
          <GoOnHere primary />
        </div>
      )}
      {!over && (
        <div className={css.bar}>
          <i style={{ width: `${fraction * 100}%` }} />
        </div>
      )}
    </li>
  );
}

/** What waits for what, where a farm makes branches side by side. */
function Waiting({ job }: { readonly job: Job }) {
  const onFarm = useStudio((state) => state.farm.state !== 'off');
  const byId = useStory((state) => state.byId);
  const statuses = useStory((state) => state.statuses);
  if (!onFarm) return null;
  const { forShots, forWorkers } = waitsOf(job, byId, statuses);
  const lines = [...forShots].flatMap(([id, count]) => {
    const shot = byId.get(id);
    return shot ? [`${counted(count, 'shot')} ${count === 1 ? 'waits' : 'wait'} for “${shotTitle(shot)}”`] : [];
  });
  if (forWorkers > 0) lines.push(`${counted(forWorkers, 'shot')} ${forWorkers === 1 ? 'waits' : 'wait'} for a worker`);
  return lines.slice(0, mostWaits).map((line) => (
    <div key={line} className={css.about}>
      {line}
    </div>
  ));
}

function jobWords(job: Job, paused: boolean): string {
  const made = `${job.chunksDone} of ${counted(job.chunksTotal, 'chunk')}`;
  switch (job.state) {
    case 'waiting':
      return `Waiting · ${counted(job.chunksTotal, 'chunk')}`;
    case 'running':
      if (paused) return `Pausing · ${made}`;
      // While nobody works on it, no time can be told.
      return job.secondsLeft === null || !job.now ? made : `${made} · ${timeLeft(job.secondsLeft)} left`;
    case 'paused':
      return `Paused · ${made}`;
    case 'failed':
      return `Failed after ${made}`;
    case 'done':
      return `Done · ${counted(job.chunksTotal, 'chunk')}`;
    case 'cancelled':
      return `Cancelled after ${made}`;
  }
}
