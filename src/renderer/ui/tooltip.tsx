import { Tooltip as Radix } from 'radix-ui';
import type { ReactElement } from 'react';
import { Keys } from './keys.tsx';
import css from './tooltip.module.css';

export interface TooltipProps {
  readonly text: string;
  /** A shortcut, `Ctrl+K`. */
  readonly keys?: string;
  readonly side?: 'top' | 'right' | 'bottom' | 'left';
  /** One element that takes a ref. */
  readonly children: ReactElement;
}

/** A name on hover and focus. The app has one `TooltipProvider` around everything. */
export function Tooltip({ text, keys, side = 'bottom', children }: TooltipProps) {
  return (
    <Radix.Root>
      <Radix.Trigger asChild>{children}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content className={css.tooltip} side={side} sideOffset={6} collisionPadding={8}>
          {text}
          {keys !== undefined && <Keys keys={keys} />}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

export const TooltipProvider = Radix.Provider;
