import { useState } from 'react';
import type { ProjectShot, Take } from '../../shared/project/document.ts';
import { newTake } from '../actions/generate.ts';
import { agoWords } from '../app/words.ts';
import { dispatch, thumbUrl, useStory, useStudio } from '../state/index.ts';
import { Button, EmptyState } from '../ui/index.ts';
import css from './inspector.module.css';

/** Every result this shot has had, side by side, to pick one or make another. */
export function TakesTab({ shot }: { readonly shot: ProjectShot }) {
  const takes = useStory((state) => state.takesOf.get(shot.id));
  const shown = useStory((state) => state.statuses.get(shot.id)?.chunks);
  if (!takes?.length) {
    return (
      <EmptyState
        text="Every result of this shot is kept here, to compare and to pick from."
        action={
          <Button look="making" disabled={shot.prompt.trim() === ''} onClick={() => void newTake(shot.id)}>
            Make a take
          </Button>
        }
      />
    );
  }
  return (
    <div className={css.form}>
      <ul className={css.takes}>
        {[...takes].reverse().map((take) => (
          <TakeCard
            key={take.id}
            shot={shot}
            take={take}
            current={take.keys.some((key, i) => shown?.[i]?.shown === key)}
          />
        ))}
      </ul>
      <Button style={{ alignSelf: 'flex-start' }} onClick={() => void newTake(shot.id)}>
        New take
      </Button>
      <p className={css.estimate}>
        {shot.seedLocked
          ? 'The seed is locked: a new take only differs if the shot does.'
          : 'A new take gets a new seed.'}
      </p>
    </div>
  );
}

function TakeCard({
  shot,
  take,
  current,
}: {
  readonly shot: ProjectShot;
  readonly take: Take;
  readonly current: boolean;
}) {
  const chunks = useStudio((state) => state.chunks);
  const [at, setAt] = useState(0);
  const keys = take.keys.filter((key) => chunks.has(key));
  const key = keys[Math.min(at, keys.length - 1)];
  const pick = () => dispatch({ type: 'pick-take', id: shot.id, prompt: take.prompt, seed: take.seed });
  return (
    <li className={css.take} data-current={current || undefined} data-menu="take" data-of={shot.id} data-take={take.id}>
      <button
        type="button"
        className={css.film}
        aria-label={`Look through the take with seed ${take.seed}`}
        onPointerMove={(event) => {
          const { left, width } = event.currentTarget.getBoundingClientRect();
          setAt(Math.floor(((event.clientX - left) / width) * keys.length));
        }}
        onPointerLeave={() => setAt(0)}
        onClick={() => setAt((index) => (index + 1) % Math.max(1, keys.length))}
      >
        {key !== undefined && <img src={thumbUrl(key)} alt="" />}
      </button>
      <div className={css.takeFoot}>
        <span className="numbers">seed {take.seed}</span>
        <small>{take.prompt}</small>
        <small>
          {agoWords(take.createdAt, Date.now())}
          {keys.length < take.keys.length && ` · ${keys.length} of ${take.keys.length} chunks`}
        </small>
        {current ? (
          <small>shown now</small>
        ) : (
          <Button small onClick={pick}>
            Pick this one
          </Button>
        )}
      </div>
    </li>
  );
}
