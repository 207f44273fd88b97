import type { CSSProperties, ReactNode } from 'react';
import css from './frame-group.module.css';

export interface FrameGroupProps {
  readonly name: string;
  /** What is special about it, after the name. */
  readonly note: string;
  /** Columns of the grid. */
  readonly across: number;
  /** Items of a list; null where there are none, and `absent` is said instead. */
  readonly frames: ReactNode | null;
  readonly absent?: ReactNode;
  /** What follows the frames. */
  readonly children?: ReactNode;
}

/** Frames under the name of what they have in common. */
export function FrameGroup({ name, note, across, frames, absent, children }: FrameGroupProps) {
  return (
    <div>
      <h4 className={css.name}>
        {name} <span className={css.note}>{note}</span>
      </h4>
      {frames === null ? (
        absent
      ) : (
        <ul className={css.frames} style={{ '--across': across } as CSSProperties}>
          {frames}
        </ul>
      )}
      {children}
    </div>
  );
}

/** Several of them, one below the other. */
export function FrameGroups({ children }: { readonly children: ReactNode }) {
  return <div className={css.groups}>{children}</div>;
}
