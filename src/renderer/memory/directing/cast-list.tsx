import { Ban, Pin, X } from 'lucide-react';
import type { ShotId } from '../../../shared/project/document.ts';
import { dispatch } from '../../state/index.ts';
import { IconButton } from '../../ui/index.ts';
import { type CutLine, labelFrame } from '../line/line.ts';
import { FramePicture } from '../parts/frame-picture.tsx';
import css from './cast-list.module.css';
import type { Direction } from './directions.ts';

export interface CastListProps {
  readonly line: CutLine;
  readonly shotId: ShotId;
  readonly directions: ReadonlyMap<number, Direction>;
  readonly onSelect: (frame: number) => void;
}

/** What the person has directed up to this shot: frames always remembered, by name, and frames never used. */
export function CastList({ line, shotId, directions, onSelect }: CastListProps) {
  if (directions.size === 0) return null;
  return (
    <ul className={css.cast} aria-label="Directed memory">
      {[...directions].map(([frame, { name, shotId: saidIn }]) => {
        const label = labelFrame(line, frame);
        const text = name ?? `shot ${label.shot}`;
        const lift = () =>
          dispatch({ type: name === null ? 'unban-frame' : 'unpin-frame', shotId: saidIn ?? shotId, frame });
        return (
          <li key={frame} className={css.member}>
            <button type="button" className={css.pick} onClick={() => onSelect(frame)}>
              <FramePicture label={label} className={css.picture} />
              {name === null ? (
                <Ban size={12} aria-label="Never used:" />
              ) : (
                <Pin size={12} fill="currentColor" aria-label="Always remembered:" />
              )}
              <span className={css.name}>{text}</span>
            </button>
            {saidIn !== null && (
              <IconButton
                small
                label={name === null ? `Allow ${text} again` : `Stop always remembering ${text}`}
                onClick={lift}
                data-export="skip"
              >
                <X size={12} />
              </IconButton>
            )}
          </li>
        );
      })}
    </ul>
  );
}
