import { ContextMenu as Radix } from 'radix-ui';
import { type MouseEvent, type ReactElement, useState } from 'react';
import css from './menu.module.css';
import { MenuEntries, type MenuEntry } from './menu-entries.tsx';

export interface ContextMenuProps {
  /** One element that takes a ref: where it opens. */
  readonly children: ReactElement;
  /** What can be done with the thing under the pointer, or by key with the one that has the focus; null: nothing of ours. */
  readonly entriesFor: (target: Element, byKey: boolean) => readonly MenuEntry[] | null;
}

/**
 * A menu that opens at the pointer, or by the menu key. One for a whole window: it asks what can be done only when it
 * opens. Where there is nothing of ours, as in a text field, the system's own menu comes.
 */
export function ContextMenu({ children, entriesFor }: ContextMenuProps) {
  const [entries, setEntries] = useState<readonly MenuEntry[]>([]);
  const look = (event: MouseEvent) => {
    const pointed = event.nativeEvent instanceof PointerEvent && event.nativeEvent.pointerType !== '';
    const found = event.target instanceof Element ? entriesFor(event.target, !pointed) : null;
    if (found) setEntries(found);
    // Radix opens a menu on its trigger alone: kept from it, the event is the system's.
    else event.stopPropagation();
  };
  return (
    <Radix.Root modal={false}>
      <Radix.Trigger asChild onContextMenuCapture={look}>
        {children}
      </Radix.Trigger>
      <Radix.Portal>
        <Radix.Content className={css.menu} collisionPadding={8}>
          <MenuEntries parts={Radix} entries={entries} />
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
