import { Pause, Play } from 'lucide-react';
import { useState } from 'react';
import type { ProjectShot, Take } from '../../../shared/project/document.ts';
import { pickTake } from '../../actions/pick-take.ts';
import { useReadOnly } from '../../state/index.ts';
import { Button, Dialog } from '../../ui/index.ts';
import { TakeFilm, useFrameClock } from './take-film.tsx';
import css from './takes.module.css';

/** Takes that may be compared at once. */
export const mostCompared = 4;

interface CompareTakesProps {
  readonly shot: ProjectShot;
  readonly takes: readonly Take[];
  /** The one that the shot shows now; null where it shows none. */
  readonly current: Take | null;
  readonly onClose: () => void;
}

/** Two to four takes side by side, frame by frame in step; one of them can be picked. */
export function CompareTakes({ shot, takes, current, onClose }: CompareTakesProps) {
  const readOnly = useReadOnly() !== null;
  const [running, setRunning] = useState(true);
  const frame = useFrameClock(running);
  return (
    <Dialog
      title={`${takes.length} takes in sync`}
      width={860}
      onClose={onClose}
      footer={
        <Button onClick={() => setRunning(!running)}>
          {running ? <Pause size={14} /> : <Play size={14} />}
          {running ? 'Stop' : 'Play from the start'}
        </Button>
      }
    >
      <div className={css.compare}>
        {takes.map((take) => (
          <figure key={take.id} className={css.compared}>
            <div className={css.screen}>
              <TakeFilm take={take} frame={frame} />
            </div>
            <figcaption>
              <b>{take.name ?? `seed ${take.seed}`}</b>
              <small>{take.prompt}</small>
              {take === current ? (
                <small>shown now</small>
              ) : (
                <Button small disabled={readOnly} onClick={() => void pickTake(shot, take, current).then(onClose)}>
                  Pick this one
                </Button>
              )}
            </figcaption>
          </figure>
        ))}
      </div>
    </Dialog>
  );
}
