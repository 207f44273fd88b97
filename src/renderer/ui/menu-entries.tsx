import { Check } from 'lucide-react';
import type { ContextMenu, DropdownMenu } from 'radix-ui';
import type { ReactNode } from 'react';
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

/** The parts of a menu that drops from a button, or of one that opens at the pointer: both have the same. */
type Parts = Pick<typeof DropdownMenu | typeof ContextMenu, 'Item' | 'CheckboxItem' | 'Label' | 'Separator'>;

/** The lines of a menu. */
export function MenuEntries({ parts, entries }: { readonly parts: Parts; readonly entries: readonly MenuEntry[] }) {
  return entries.map((entry, i) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: entries are positions and never move while open
    <Entry key={i} parts={parts} entry={entry} />
  ));
}

function Entry({ parts, entry }: { readonly parts: Parts; readonly entry: MenuEntry }) {
  if (entry.kind === 'line') return <parts.Separator className={css.line} />;
  if (entry.kind === 'label') return <parts.Label className={css.label}>{entry.text}</parts.Label>;
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
      <parts.Item {...common} data-danger={entry.danger || undefined}>
        {inside}
      </parts.Item>
    );
  }
  return (
    <parts.CheckboxItem {...common} checked={entry.checked}>
      <span className={css.check}>{entry.checked && <Check size={14} />}</span>
      {inside}
    </parts.CheckboxItem>
  );
}
