import { useEffect, useRef, useState } from 'react';
import type { ModelJob, ModelProgress } from '../../../../shared/models.ts';
import { api, attempt, useStudio } from '../../../state/index.ts';
import { Button } from '../../../ui/index.ts';
import { sizeWords } from '../../words.ts';
import dialogs from '../dialogs.module.css';
import css from './models.module.css';

/** Work at models, newest last: how far it is, how it ended. It goes on while the window is closed. */
export function ModelJobs() {
  const jobs = useStudio((state) => state.modelJobs);
  const newest = useRef<HTMLLIElement>(null);
  const newestId = jobs.at(-1)?.id;
  const [seenId] = useState(newestId);
  // What was just begun shows, however far down the button for it was.
  useEffect(() => {
    if (newestId !== seenId) newest.current?.scrollIntoView({ block: 'nearest' });
  }, [newestId, seenId]);
  if (jobs.length === 0) return null;
  return (
    <ul className={css.jobs} aria-label="Work at models">
      {jobs.map((job) => (
        <li key={job.id} ref={job.id === newestId ? newest : null}>
          <JobRow job={job} />
        </li>
      ))}
    </ul>
  );
}

const verbs: Readonly<Record<ModelJob['kind'], string>> = { import: 'Import', get: 'Get', check: 'Check' };

function JobRow({ job }: { readonly job: ModelJob }) {
  const open = job.state === 'waiting' || job.state === 'running';
  return (
    <div className={css.job}>
      <div className={css.line}>
        <strong>
          {verbs[job.kind]} {job.model}
        </strong>
        {job.state === 'done' && (
          <span className={`${dialogs.note} ${css.outcome}`} role="status">
            {job.outcome}
          </span>
        )}
        {open ? (
          <Button small onClick={() => void attempt(api.models.cancel({ jobId: job.id }))}>
            Cancel
          </Button>
        ) : (
          <Button small look="plain" onClick={() => void attempt(api.models.dismiss({ jobId: job.id }))}>
            Dismiss
          </Button>
        )}
      </div>
      {job.state === 'running' && (
        <Progress progress={job.progress} where={job.kind === 'get' ? 'the Hub' : 'the files'} />
      )}
      {job.state === 'waiting' && <p className={dialogs.note}>Waits for what is before it.</p>}
      {job.state === 'cancelled' && (
        <p className={dialogs.note}>Cancelled. Started again, it goes on where it stopped.</p>
      )}
      {job.error && (
        <div className={dialogs.failure} role="alert">
          {job.error.message} {job.error.hint}
        </div>
      )}
    </div>
  );
}

function Progress({ progress, where }: { readonly progress: ModelProgress; readonly where: string }) {
  if (progress.stage === 'looking' || progress.stage === 'checking') {
    return (
      <p className={dialogs.note} role="status">
        {progress.stage === 'looking' ? `Looking at ${where}…` : 'Reading every byte…'}
      </p>
    );
  }
  const { stage, file, doneBytes, ofBytes } = progress;
  return (
    <>
      <div
        className={dialogs.bar}
        role="progressbar"
        aria-label={stage === 'fetching' ? 'Download' : 'Import'}
        aria-valuenow={doneBytes}
        aria-valuemin={0}
        aria-valuemax={ofBytes}
      >
        <i style={{ width: `${ofBytes === 0 ? 0 : Math.min(100, (100 * doneBytes) / ofBytes)}%` }} />
      </div>
      <p className={dialogs.note}>
        {stage === 'fetching' ? 'Fetching' : 'Writing'} {file}: {sizeWords(doneBytes)} of about {sizeWords(ofBytes)}
      </p>
    </>
  );
}
