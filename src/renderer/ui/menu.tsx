import { DropdownMenu as Radix } from 'radix-ui';
import type { ReactElement } from 'react';
import css from './menu.module.css';
import { MenuEntries, type MenuEntry } from './menu-entries.tsx';

export interface MenuProps {
  /** The button that opens it. */
  readonly children: ReactElement;
  readonly entries: readonly MenuEntry[];
  readonly align?: 'start' | 'end';
  readonly side?: 'top' | 'bottom';
}

/** A menu that drops from a button. */
export function Menu({ children, entries, align = 'start', side = 'bottom' }: MenuProps) {
  return (
    <Radix.Root modal={false}>
      <Radix.Trigger asChild>{children}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content className={css.menu} align={align} side={side} sideOffset={6} collisionPadding={8}>
          <MenuEntries parts={Radix} entries={entries} />
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
