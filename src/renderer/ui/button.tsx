import type { ComponentProps, ReactNode } from 'react';
import css from './button.module.css';
import { cx } from './cx.ts';
import { Tooltip } from './tooltip.tsx';

export interface ButtonProps extends ComponentProps<'button'> {
  /** `making` is for what starts work: at most one in sight. */
  readonly look?: 'normal' | 'making' | 'memory' | 'danger' | 'plain';
  readonly small?: boolean;
}

export function Button({ look = 'normal', small = false, className, ...rest }: ButtonProps) {
  return <button type="button" className={cx(css.button, css[look], small && css.small, className)} {...rest} />;
}

export interface IconButtonProps extends Omit<ButtonProps, 'children'> {
  /** Said by the tooltip and to assistive technology. */
  readonly label: string;
  /** Shown in the tooltip: `Ctrl+Enter`. */
  readonly keys?: string;
  readonly children: ReactNode;
}

/** A button that is only an icon: its name is in the tooltip. */
export function IconButton({ label, keys, look = 'plain', small = false, className, ...rest }: IconButtonProps) {
  return (
    <Tooltip text={label} {...(keys === undefined ? {} : { keys })}>
      <button
        type="button"
        aria-label={label}
        className={cx(css.button, css[look], css.icon, small && css.small, className)}
        {...rest}
      />
    </Tooltip>
  );
}
