import type { ProjectShot } from '../../shared/project/document.ts';
import type { ShotStatus } from '../../shared/project/status.ts';
import { cancelRunning, regenerateFrom, shownKeys } from '../actions/generate.ts';
import { branchChange } from '../actions/pick-take.ts';
import { api, attempt, dispatch, forProject, useStory } from '../state/index.ts';
import { Button } from '../ui/index.ts';
import css from './inspector.module.css';
import { staleWords, useStaleCause } from './stale-reason.tsx';
import { bringsBack } from './takes/differences.ts';

/** What a shot's state means, where it needs a decision, and the ways to decide. */
export function Banner({ shot, status }: { readonly shot: ProjectShot; readonly status: ShotStatus }) {
  const problem = useStory((state) => state.plan?.problems.get(shot.id));
  const hold = (keys: string[] | null) => dispatch({ type: 'hold-results', id: shot.id, keys });
  if (status.state === 'stale') return <StaleBanner shot={shot} status={status} />;
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

/** What made a shot stale, and what can be done about it. */
function StaleBanner({ shot, status }: { readonly shot: ProjectShot; readonly status: ShotStatus }) {
  const known = useStaleCause(shot, status);
  const keys = shownKeys(shot.id);
  // A change can be moved to a branch where the shot that has it was made before, and can be put back as it was.
  const take = useStory((state) =>
    known ? state.takesOf.get(known.cause.shot.id)?.find(({ keys: [key] }) => key === known.cause.madeKey) : undefined,
  );
  const movable = known?.made && take && bringsBack(known.made, known.cause.chunk.recipe) ? known : null;
  return (
    <div className={css.banner}>
      <p>
        <strong>Stale.</strong>{' '}
        {known ? staleWords(known, shot) : 'It, or something before it, has changed since this was made.'}
      </p>
      <div className={css.buttons}>
        <Button small onClick={() => void regenerateFrom(shot.id)}>
          Regenerate from here
        </Button>
        {keys && (
          <Button small onClick={() => dispatch({ type: 'hold-results', id: shot.id, keys })}>
            Keep the old result
          </Button>
        )}
        {movable?.made && take && (
          <Button
            small
            onClick={() =>
              movable.made && branchChange(movable.cause.shot, take, movable.made.recipe, movable.cause.chunk.recipe)
            }
          >
            Move the change to a branch
          </Button>
        )}
      </div>
    </div>
  );
}
