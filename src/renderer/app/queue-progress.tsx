import { ListVideo } from 'lucide-react';
import { pathTo, shotTitle } from '../../shared/project/tree.ts';
import { phaseFraction, phaseWords } from '../graph/status-words.ts';
import { useStory, useStudio } from '../state/index.ts';
import { useView } from '../state/view.ts';
import css from './shell.module.css';
import { timeLeft } from './words.ts';

/** What is being made, how far it is, and what waits; pressing it opens the queue. */
export function QueueProgress() {
  const queue = useStudio((state) => state.queue);
  const engine = useStudio((state) => state.engine);
  const farm = useStudio((state) => state.farm);
  const byId = useStory((state) => state.byId);
  const document = useStory((state) => state.document);
  const open = queue.jobs.filter(({ state }) => state !== 'done' && state !== 'cancelled');
  const job = open.find(({ state }) => state === 'running') ?? open[0];
  const toggle = () => useView.setState(({ queueOpen }) => ({ queueOpen: !queueOpen }));
  if (!job) {
    const words =
      engine.state === 'loading' ? 'Loading the model…' : engine.state === 'failed' ? 'Model not loaded' : 'Queue';
    return (
      <button type="button" className={css.progress} title={words} onClick={toggle}>
        <ListVideo size={15} />
        <span className={css.short}>{words}</span>
      </button>
    );
  }
  const { now } = job;
  const shot = now ? byId.get(now.shotId) : undefined;
  const besides = job.besides ?? [];
  const parts = [now, ...besides].map((one) => (one ? phaseFraction(one.phase) : 0));
  const fraction = (job.chunksDone + parts.reduce((sum, part) => sum + part, 0)) / Math.max(1, job.chunksTotal);
  // As its card in the graph counts it.
  const number = shot && document ? pathTo(document, shot.id).length : null;
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
            : farm.state === 'failed'
              ? 'the farm does not answer'
              : farm.state === 'off'
                ? 'waiting'
                : 'waiting for the farm';
  return (
    <button type="button" className={css.progress} onClick={toggle} title="Open the queue">
      {number !== null && <span>Shot {number}</span>}
      <span className={css.who}>{who}</span>
      <span>
        · {now ? `chunk ${now.indexInShot + 1} · ${what}` : what}
        {besides.length > 0 && ` · ${besides.length} more side by side`}
      </span>
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
      {job.secondsLeft !== null && now && !queue.paused && `${timeLeft(job.secondsLeft)} left`}
      {waiting > 0 && ` · ${waiting} queued`}
    </button>
  );
}
