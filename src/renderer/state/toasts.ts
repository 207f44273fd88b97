import { create } from 'zustand';
import { shownError } from './client.ts';

/** A short message in the corner. Errors stay until they are closed. */
export interface Toast {
  readonly id: number;
  readonly level: 'info' | 'warning' | 'error';
  readonly message: string;
  readonly hint: string;
  readonly action?: { readonly label: string; readonly run: () => void };
}

interface ToastState {
  readonly toasts: readonly Toast[];
}

export const useToasts = create<ToastState>(() => ({ toasts: [] }));

let nextId = 1;

/** Shows a message. The same text is not shown twice at a time. */
export function notify(toast: Omit<Toast, 'id' | 'hint'> & { readonly hint?: string }): void {
  useToasts.setState(({ toasts }) => {
    const others = toasts.filter((other) => other.message !== toast.message);
    return { toasts: [...others, { hint: '', ...toast, id: nextId++ }].slice(-5) };
  });
}

export function dismissToast(id: number): void {
  useToasts.setState(({ toasts }) => ({ toasts: toasts.filter((toast) => toast.id !== id) }));
}

/**
 * Waits for a call to the studio; a failure becomes a toast, and the answer is then undefined. Cancelling is no failure.
 */
export async function attempt<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    const shown = shownError(error);
    if (shown.code !== 'cancelled') notify({ level: 'error', message: shown.message, hint: shown.hint });
    return undefined;
  }
}
