import { ListVideo } from 'lucide-react';
import { shotTitle } from '../../shared/project/tree.ts';
import { phaseFraction, phaseWords } from '../graph/status-words.ts';
import { useStory, useStudio } from '../state/index.ts';
import { useView } from '../state/view.ts';
import css from './shell.module.css';
import { timeLeft } from './words.ts';

/** What is being made, how far it is, and what waits; pressing it opens the queue. */
export function QueueProgress() {
  const queue = useStudio((state) => state.queue);
  const engine = useStudio((state) => state.engine);
  const byId = useStory((state) => state.byId);
  const open = queue.jobs.filter(({ state }) => state !== 'done' && state !== 'cancelled');
  const job = open.find(({ state }) => state === 'running') ?? open[0];
  const toggle = () => useView.setState(({ queueOpen }) => ({ queueOpen: !queueOpen }));
  if (!job) {
    const words =
      engine.state === 'loading' ? 'Loading the model…' : engine.state === 'failed' ? 'Model not loaded' : 'Queue';
    return (
      <button type="button" className={css.progress} onClick={toggle}>
        <ListVideo size={15} />
        {words}
      </button>
    );
  }
  const { now } = job;
  const shot = now ? byId.get(now.shotId) : undefined;
  const fraction = (job.chunksDone + (now ? phaseFraction(now.phase) : 0)) / Math.max(1, job.chunksTotal);
  const waiting = open.length - 1;
  const who = (shot ? shotTitle(shot) : job.title).replace(/\.+$/, '');
  const what =
    job.state === 'failed'
      ? 'failed'
      : queue.paused
        ? 'paused'
        : now
          ? phaseWords(now.phase)
          : engine.state === 'loading'
            ? 'loading the model'
            : 'waiting';
  return (
    <button type="button" className={css.progress} onClick={toggle} title="Open the queue">
      <span className={css.who}>{who}</span>
      <span>· {now ? `chunk ${now.indexInShot + 1} · ${what}` : what}</span>
      <i
        className={css.meter}
        role="progressbar"
        aria-label={`${who}: ${what}`}
        aria-valuenow={Math.round(fraction * 100)}
        aria-valuemin={0}
        aria-valuemax={100}
      >
        <i style={{ width: `${fraction * 100}%` }} />
      </i>
      {job.secondsLeft !== null && !queue.paused && `${timeLeft(job.secondsLeft)} left`}
      {waiting > 0 && ` · ${waiting} queued`}
    </button>
  );
}
