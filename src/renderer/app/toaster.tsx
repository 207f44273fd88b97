import { CircleAlert, Info, TriangleAlert, X } from 'lucide-react';
import { Toast as Radix } from 'radix-ui';
import { dismissToast, useToasts } from '../state/index.ts';
import { Button, IconButton } from '../ui/index.ts';
import css from './toaster.module.css';

const icons = { info: Info, warning: TriangleAlert, error: CircleAlert };
/** Milliseconds a message stays; errors stay until they are closed. */
const stayMs = { info: 4500, warning: 9000, error: Infinity };

/** Messages of the studio and of failed calls, in the corner. */
export function Toaster() {
  const toasts = useToasts((state) => state.toasts);
  return (
    <Radix.Provider>
      {toasts.map(({ id, level, message, hint, action }) => {
        const Icon = icons[level];
        return (
          <Radix.Root
            key={id}
            className={css.toast}
            data-level={level}
            duration={stayMs[level]}
            type={level === 'info' ? 'background' : 'foreground'}
            onOpenChange={(open) => !open && dismissToast(id)}
          >
            <Icon size={16} className={css.icon} aria-hidden="true" />
            <Radix.Title className={css.message}>{message}</Radix.Title>
            <Radix.Close asChild>
              <IconButton small label="Close">
                <X size={14} />
              </IconButton>
            </Radix.Close>
            {hint && <Radix.Description className={css.hint}>{hint}</Radix.Description>}
            {action && (
              <Radix.Action asChild altText={action.label}>
                <Button small className={css.action} onClick={action.run}>
                  {action.label}
                </Button>
              </Radix.Action>
            )}
          </Radix.Root>
        );
      })}
      <Radix.Viewport className={css.toaster} />
    </Radix.Provider>
  );
}
