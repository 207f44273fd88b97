import type { ReactNode } from 'react';
import css from './empty-state.module.css';

/** What a place says while there is nothing in it: one sentence and one button. */
export function EmptyState({ text, action }: { readonly text: string; readonly action?: ReactNode }) {
  return (
    <div className={css.empty}>
      <p>{text}</p>
      {action}
    </div>
  );
}
