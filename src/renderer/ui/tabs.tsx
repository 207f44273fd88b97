import { Tabs as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import css from './tabs.module.css';

export interface Tab<Name extends string> {
  readonly name: Name;
  readonly label: string;
  /** A small number beside the label. */
  readonly count?: number;
  readonly tint?: 'memory';
  readonly content: ReactNode;
}

export interface TabsProps<Name extends string> {
  /** What the tabs are of, for assistive technology. */
  readonly label: string;
  readonly tabs: readonly Tab<Name>[];
  readonly value: Name;
  readonly onChange: (name: Name) => void;
}

/** Tabs over panels; each panel scrolls by itself. */
export function Tabs<Name extends string>({ label, tabs, value, onChange }: TabsProps<Name>) {
  return (
    <Radix.Root className={css.root} value={value} onValueChange={(name) => onChange(name as Name)}>
      <Radix.List className={css.list} aria-label={label}>
        {tabs.map((tab) => (
          <Radix.Trigger key={tab.name} className={css.tab} value={tab.name} data-tint={tab.tint}>
            {tab.label}
            {tab.count !== undefined && <span className={css.count}>{tab.count}</span>}
          </Radix.Trigger>
        ))}
      </Radix.List>
      {tabs.map((tab) => (
        <Radix.Content key={tab.name} className={css.panel} value={tab.name}>
          {tab.content}
        </Radix.Content>
      ))}
    </Radix.Root>
  );
}
