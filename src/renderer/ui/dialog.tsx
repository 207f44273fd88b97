import { X } from 'lucide-react';
import { Dialog as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { IconButton } from './button.tsx';
import css from './dialog.module.css';

export interface DialogProps {
  readonly title: string;
  /** One sentence under the title. */
  readonly description?: ReactNode;
  /** Pixels. */
  readonly width?: number;
  /** Its body is only read: it takes the focus, so that keys can scroll it. */
  readonly reading?: boolean;
  readonly onClose: () => void;
  readonly children?: ReactNode;
  /** Buttons, the main one last. */
  readonly footer?: ReactNode;
}

/** A window over the app. It is there while it is rendered; Escape and the cross ask to close it. */
export function Dialog({ title, description, width = 460, reading = false, onClose, children, footer }: DialogProps) {
  return (
    <Radix.Root open onOpenChange={(open) => !open && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className={css.scrim} />
        <Radix.Content
          className={css.dialog}
          style={{ width }}
          onInteractOutside={(event) => {
            // A message over the window is read and closed without closing the window.
            if (event.target instanceof Element && event.target.closest('[data-sonner-toaster]'))
              event.preventDefault();
          }}
          onOpenAutoFocus={(event) => {
            // On the window, not on its first button, whose tooltip would take the first Escape.
            event.preventDefault();
            if (event.currentTarget instanceof HTMLElement) event.currentTarget.focus();
          }}
          {...(description === undefined ? { 'aria-describedby': undefined } : {})}
        >
          <header className={css.head}>
            <div className={css.titles}>
              <Radix.Title className={css.title}>{title}</Radix.Title>
              {description !== undefined && (
                <Radix.Description className={css.description}>{description}</Radix.Description>
              )}
            </div>
            <IconButton label="Close" keys="Esc" onClick={onClose}>
              <X size={16} />
            </IconButton>
          </header>
          {children !== undefined && (
            <div className={css.body} {...(reading ? { tabIndex: 0 } : {})}>
              {children}
            </div>
          )}
          {footer !== undefined && <footer className={css.foot}>{footer}</footer>}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
