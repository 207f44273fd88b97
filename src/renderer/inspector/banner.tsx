import type { ProjectShot } from '../../shared/project/document.ts';
import type { ShotStatus } from '../../shared/project/status.ts';
import { cancelRunning, regenerateFrom, shownKeys } from '../actions/generate.ts';
import { branchAt } from '../actions/shots.ts';
import { api, attempt, dispatch, forProject, useStory } from '../state/index.ts';
import { Button } from '../ui/index.ts';
import css from './inspector.module.css';
import { StaleReason } from './stale-reason.tsx';

/** What a shot's state means, where it needs a decision, and the ways to decide. */
export function Banner({ shot, status }: { readonly shot: ProjectShot; readonly status: ShotStatus }) {
  const problem = useStory((state) => state.plan?.problems.get(shot.id));
  const hold = (keys: string[] | null) => dispatch({ type: 'hold-results', id: shot.id, keys });
  if (status.state === 'stale') {
    const keys = shownKeys(shot.id);
    return (
      <div className={css.banner}>
        <p>
          <strong>Stale.</strong> It, or something before it, has changed since this was made.
        </p>
        <StaleReason shot={shot} status={status} />
        <div className={css.buttons}>
          <Button small onClick={() => void regenerateFrom(shot.id)}>
            Regenerate from here
          </Button>
          {keys && (
            <Button small onClick={() => hold(keys)}>
              Keep the old result
            </Button>
          )}
          {shot.parent !== null && (
            <Button small onClick={() => branchBefore(shot)}>
              Branch instead
            </Button>
          )}
        </div>
      </div>
    );
  }
  if (status.state === 'held') {
    return (
      <div className={css.banner} data-tone="held">
        <p>
          <strong>Kept result.</strong> It plays and exports as it was made, with a seam where it meets the rest.
        </p>
        <div className={css.buttons}>
          <Button small onClick={() => hold(null)}>
            Let it follow its recipe
          </Button>
        </div>
      </div>
    );
  }
  if (status.state === 'failed' && status.job) {
    const { id: jobId, error } = status.job;
    return (
      <div className={css.banner} data-tone="failed" role="alert">
        <p>
          <strong>{error?.message ?? 'It could not be made.'}</strong> {error?.hint}
        </p>
        <div className={css.buttons}>
          <Button small onClick={() => void attempt(api.queue.retry({ ...forProject(), jobId }))}>
            Try again
          </Button>
        </div>
      </div>
    );
  }
  if (status.state === 'generating') {
    return (
      <div className={css.buttons}>
        <Button small onClick={() => void cancelRunning()}>
          Cancel; what is made stays
        </Button>
      </div>
    );
  }
  if (problem && shot.prompt.trim() !== '') {
    return (
      <div className={css.banner}>
        <p>
          {problem.message} {problem.hint}
        </p>
      </div>
    );
  }
  return null;
}

/** Another way on from what came before the shot, leaving the shot as it is. */
function branchBefore(shot: ProjectShot): void {
  const parent = shot.parent === null ? undefined : useStory.getState().byId.get(shot.parent);
  if (parent) branchAt(parent.id, parent.chunks);
}
