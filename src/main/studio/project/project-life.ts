/** What an open project is to its file. */
export type ProjectLife =
  /** It can be changed, and is written. */
  | { readonly kind: 'open'; readonly holds: number }
  /** It goes to another file: it can be changed, and what else is to be written waits. */
  | { readonly kind: 'moving'; readonly holds: number }
  /** Another project is open, or none. It changes no more; whoever holds it (an export) still reads it. */
  | { readonly kind: 'left'; readonly holds: number }
  /** Nobody needs the file any more. */
  | { readonly kind: 'closed' };

export type ProjectLifeEvent = 'move-began' | 'move-ended' | 'left' | 'held' | 'released';

export const newlyOpen: ProjectLife = { kind: 'open', holds: 0 };

/** What an event makes of it. Pure; what cannot happen in a state changes nothing. */
export function reduceLife(life: ProjectLife, event: ProjectLifeEvent): ProjectLife {
  if (life.kind === 'closed') return life;
  const { kind, holds } = life;
  switch (event) {
    case 'move-began':
      return kind === 'open' ? { kind: 'moving', holds } : life;
    case 'move-ended':
      return kind === 'moving' ? { kind: 'open', holds } : life;
    case 'left':
      // One that is on its way must get there first: whoever leaves waits for it.
      return kind === 'open' ? leftWith(holds) : life;
    case 'held':
      return { kind, holds: holds + 1 };
    case 'released':
      if (holds === 0) return life;
      return kind === 'left' ? leftWith(holds - 1) : { kind, holds: holds - 1 };
  }
}

function leftWith(holds: number): ProjectLife {
  return holds === 0 ? { kind: 'closed' } : { kind: 'left', holds };
}

/** Whether the document may be changed. */
export function mayChange({ kind }: ProjectLife): boolean {
  switch (kind) {
    case 'open':
    case 'moving':
      return true;
    case 'left':
    case 'closed':
      return false;
  }
}
