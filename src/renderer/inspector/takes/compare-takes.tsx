import { Pause, Play } from 'lucide-react';
import { useState } from 'react';
import type { Take } from '../../../shared/project/document.ts';
import { Button, Dialog } from '../../ui/index.ts';
import { TakeFilm, useFrameClock } from './take-film.tsx';
import css from './takes.module.css';

/** Takes that may be compared at once. */
export const mostCompared = 4;

/** Two to four takes side by side, frame by frame in step. */
export function CompareTakes({ takes, onClose }: { readonly takes: readonly Take[]; readonly onClose: () => void }) {
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
            <figcaption>{take.name ?? `seed ${take.seed}`}</figcaption>
          </figure>
        ))}
      </div>
    </Dialog>
  );
}
