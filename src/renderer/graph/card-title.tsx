import { useState } from 'react';
import type { ProjectShot } from '../../shared/project/document.ts';
import { limits } from '../../shared/project/limits.ts';
import { dispatch } from '../state/index.ts';
import { cx } from '../ui/index.ts';
import css from './shot-node.module.css';

/** One function for all: a new one each time would take the focus at every key. */
function focusOnce(input: HTMLInputElement | null): void {
  input?.focus();
}

/** What a shot is called, on its card: its name or its prompt. A double click names it there. */
export function CardTitle({ shot }: { readonly shot: ProjectShot }) {
  const [name, setName] = useState<string | null>(null);
  const told = shot.name.trim() || shot.prompt.trim();
  if (name === null) {
    return (
      // biome-ignore lint/a11y/noStaticElementInteractions: the inspector has the name by keyboard
      <span
        className={cx(css.prompt, !told && css.untold)}
        onDoubleClick={(event) => {
          event.stopPropagation();
          setName(shot.name);
        }}
      >
        {told || 'Say what it shows'}
      </span>
    );
  }
  const keep = () => {
    setName(null);
    if (name.trim() !== shot.name) dispatch({ type: 'edit-shot', id: shot.id, patch: { name: name.trim() } });
  };
  return (
    <input
      className={cx(css.naming, 'nodrag', 'nopan')}
      aria-label="Name of the shot"
      ref={focusOnce}
      value={name}
      maxLength={limits.shotName}
      placeholder={shot.prompt}
      onChange={(event) => setName(event.target.value)}
      onBlur={keep}
      onKeyDown={(event) => {
        event.stopPropagation(); // the keys of the graph are not for text
        if (event.key === 'Enter') keep();
        else if (event.key === 'Escape') setName(null);
      }}
    />
  );
}
