import { Check } from 'lucide-react';
import { DropdownMenu as Radix } from 'radix-ui';
import type { ReactElement, ReactNode } from 'react';
import { Keys } from './keys.tsx';
import css from './menu.module.css';

export type MenuEntry =
  | {
      readonly kind?: 'item';
      readonly text: string;
      readonly icon?: ReactNode;
      readonly keys?: string;
      /** Small text at the end of the line. */
      readonly hint?: string;
      readonly disabled?: boolean;
      readonly danger?: boolean;
      /** Given: the entry is one of a choice, and this one is chosen or not. */
      readonly checked?: boolean;
      readonly run: () => void;
    }
  | { readonly kind: 'line' }
  | { readonly kind: 'label'; readonly text: string };

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
          {entries.map((entry, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: entries are positions and never move while open
            <Entry key={i} entry={entry} />
          ))}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

function Entry({ entry }: { readonly entry: MenuEntry }) {
  if (entry.kind === 'line') return <Radix.Separator className={css.line} />;
  if (entry.kind === 'label') return <Radix.Label className={css.label}>{entry.text}</Radix.Label>;
  const inside = (
    <>
      {entry.icon}
      <span className={css.text}>{entry.text}</span>
      {entry.hint !== undefined && <span className={css.hint}>{entry.hint}</span>}
      {entry.keys !== undefined && <Keys keys={entry.keys} />}
    </>
  );
  const common = { className: css.item, disabled: entry.disabled ?? false, onSelect: entry.run };
  if (entry.checked === undefined) {
    return (
      <Radix.Item {...common} data-danger={entry.danger || undefined}>
        {inside}
      </Radix.Item>
    );
  }
  return (
    <Radix.CheckboxItem {...common} checked={entry.checked}>
      <span className={css.check}>{entry.checked && <Check size={14} />}</span>
      {inside}
    </Radix.CheckboxItem>
  );
}
