import { useState } from 'react';
import type { ProjectShot, Take } from '../../../shared/project/document.ts';
import { newTake } from '../../actions/generate.ts';
import { useReadOnly, useStory } from '../../state/index.ts';
import { Button, EmptyState } from '../../ui/index.ts';
import css from '../inspector.module.css';
import { CompareTakes, mostCompared } from './compare-takes.tsx';
import { TakeCard } from './take-card.tsx';

/** Every result this shot has had, side by side, to compare, to pick one or to make another. */
export function TakesTab({ shot }: { readonly shot: ProjectShot }) {
  const takes = useStory((state) => state.takesOf.get(shot.id));
  const shown = useStory((state) => state.statuses.get(shot.id)?.chunks);
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const readOnly = useReadOnly() !== null;
  const [comparing, setComparing] = useState(false);
  if (!takes?.length) {
    return (
      <EmptyState
        text="Every result of this shot is kept here, to compare and to pick from."
        action={
          <Button look="making" disabled={readOnly || shot.prompt.trim() === ''} onClick={() => void newTake(shot.id)}>
            Make a take
          </Button>
        }
      />
    );
  }
  const isShown = (take: Take) => take.keys.some((key, i) => shown?.[i]?.shown === key);
  const current = takes.find(isShown);
  // Starred first, then the newest.
  const sorted = [...takes].reverse().sort((a, b) => Number(b.starred ?? false) - Number(a.starred ?? false));
  const compared = chosen.flatMap((id) => takes.find((take) => take.id === id) ?? []);
  return (
    <div className={css.form}>
      <ul className={css.takes}>
        {sorted.map((take) => (
          <TakeCard
            key={take.id}
            shot={shot}
            take={take}
            current={take === current}
            other={current && current !== take ? current : null}
            chosen={chosen.includes(take.id)}
            onChoose={(on) =>
              setChosen((ids) => (on ? [...ids, take.id].slice(-mostCompared) : ids.filter((id) => id !== take.id)))
            }
          />
        ))}
      </ul>
      <div className={css.buttons}>
        <Button disabled={readOnly} onClick={() => void newTake(shot.id)}>
          New take
        </Button>
        <Button disabled={compared.length < 2} onClick={() => setComparing(true)}>
          {compared.length < 2 ? 'Compare: choose two to four' : `Compare ${compared.length} in sync`}
        </Button>
      </div>
      <p className={css.estimate}>
        {shot.seedLocked
          ? 'The seed is locked: a new take only differs if the shot does.'
          : 'A new take gets a new seed.'}
      </p>
      {comparing && compared.length >= 2 && (
        <CompareTakes shot={shot} takes={compared} current={current ?? null} onClose={() => setComparing(false)} />
      )}
    </div>
  );
}
