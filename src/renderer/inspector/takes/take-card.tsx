import { useQuery } from '@tanstack/react-query';
import { Star, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { ProjectShot, Take } from '../../../shared/project/document.ts';
import { limits } from '../../../shared/project/limits.ts';
import { pickCommands } from '../../actions/pick-take.ts';
import { agoWords } from '../../app/words.ts';
import { api, attempt, dispatch, forProject, useStudio } from '../../state/index.ts';
import { ask, queries } from '../../state/queries.ts';
import { Button, IconButton } from '../../ui/index.ts';
import css from '../inspector.module.css';
import { differences, type TakeRecipe } from './differences.ts';
import { TakeFilm, useFrameClock } from './take-film.tsx';
import own from './takes.module.css';

interface TakeCardProps {
  readonly shot: ProjectShot;
  readonly take: Take;
  /** The shot shows it now. */
  readonly current: boolean;
  /** The one that is shown instead; null where there is none. */
  readonly other: Take | null;
  /** To be compared. */
  readonly chosen: boolean;
  readonly onChoose: (on: boolean) => void;
}

/** One take: a film that plays under the pointer, how it differs from what is shown, and what can be done with it. */
export function TakeCard({ shot, take, current, other, chosen, onChoose }: TakeCardProps) {
  const [playing, setPlaying] = useState(false);
  const frame = useFrameClock(playing);
  const stored = useStudio((state) => take.keys.filter((key) => state.chunks.has(key)).length);
  const recipe = useRecipe(take);
  const from = useRecipe(other);
  const different = recipe && from ? differences(recipe, from) : null;
  const say = (change: { name?: string; starred?: boolean; deleted?: boolean }) =>
    void attempt(api.takes.say({ ...forProject(), takeId: take.id, ...change }));
  const title = take.name ?? `seed ${take.seed}`;
  return (
    <li className={css.take} data-current={current || undefined} data-menu="take" data-of={shot.id} data-take={take.id}>
      <button
        type="button"
        className={css.film}
        aria-label={`Play the take ${title}`}
        aria-pressed={playing}
        onPointerEnter={() => setPlaying(true)}
        onPointerLeave={() => setPlaying(false)}
        onFocus={() => setPlaying(true)}
        onBlur={() => setPlaying(false)}
      >
        <TakeFilm take={take} frame={playing ? frame : null} />
      </button>
      <div className={css.takeFoot}>
        <div className={own.row}>
          <input
            key={take.name}
            className={own.name}
            aria-label={`Name of the take with seed ${take.seed}`}
            placeholder="Name this take"
            title={title}
            maxLength={limits.versionName}
            defaultValue={take.name ?? ''}
            onBlur={(event) =>
              event.target.value.trim() !== (take.name ?? '') && say({ name: event.target.value.trim() })
            }
            onKeyDown={(event) => event.key === 'Enter' && event.currentTarget.blur()}
          />
          <IconButton
            small
            label={take.starred ? 'Starred: it is never cleaned up' : 'Star it: it is then never cleaned up'}
            aria-pressed={take.starred ?? false}
            onClick={() => say({ starred: !take.starred })}
          >
            <Star size={13} fill={take.starred ? 'currentColor' : 'none'} />
          </IconButton>
          <IconButton
            small
            label={current ? 'The take that is shown cannot be deleted' : 'Delete this take'}
            disabled={current}
            onClick={() => say({ deleted: true })}
          >
            <Trash2 size={13} />
          </IconButton>
        </div>
        <span className="numbers">seed {take.seed}</span>
        {different && (
          <small title={different.join(', ')}>
            {different.length === 0 ? 'made like the one shown' : `differs: ${different.join(', ')}`}
          </small>
        )}
        <small title={take.prompt}>{take.prompt}</small>
        <small>
          {agoWords(take.createdAt, Date.now())}
          {stored < take.keys.length && ` · ${stored} of ${take.keys.length} chunks`}
        </small>
        <label className={own.row}>
          <small>Compare</small>
          <input type="checkbox" checked={chosen} onChange={(event) => onChoose(event.target.checked)} />
        </label>
        {current ? (
          <small>shown now</small>
        ) : (
          <Button
            small
            onClick={() => dispatch(pickCommands(shot, take, recipe?.recipe ?? null, from?.recipe ?? null))}
          >
            Pick this one
          </Button>
        )}
      </div>
    </li>
  );
}

/** What a take was made from; null until it is known. */
function useRecipe(take: Take | null): TakeRecipe | null {
  const key = take?.keys[0] ?? '';
  const { project } = forProject();
  const options = ask.chunks.recipe.queryOptions({ input: { project, key }, enabled: key !== '', staleTime: Infinity });
  return useQuery(options, queries).data ?? null;
}
