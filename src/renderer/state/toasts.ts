import { toast } from 'sonner';
import type { ErrorCode } from '../../shared/errors.ts';
import { onAnswer, pathOf, shownError } from './client.ts';

/** A short message over the graph. */
export interface Notice {
  readonly level: 'info' | 'warning' | 'error';
  readonly message: string;
  readonly hint?: string;
  readonly action?: { readonly label: string; readonly run: () => void };
  /** What it is about: {@link settle} takes it away once any of it is over. */
  readonly about?: string | readonly string[];
}

/** Milliseconds a message stays. An error stays until it is over, or closed. */
const stayMs = { info: 4500, warning: 9000, error: Number.POSITIVE_INFINITY };

/** Messages on the screen by what they are about. */
const open = new Map<string, Set<string>>();

/** Shows a message. The same text is not shown twice at a time. */
export function notify({ level, message, hint = '', action, about }: Notice): void {
  for (const matter of about === undefined ? [] : [about].flat())
    open.set(matter, (open.get(matter) ?? new Set()).add(message));
  toast[level](message, {
    id: message,
    duration: stayMs[level],
    ...(hint === '' ? {} : { description: hint }),
    ...(action ? { action: { label: action.label, onClick: action.run } } : {}),
  });
}

/** Takes messages away whose matter is over: what failed has worked since. */
export function settle(about: string): void {
  for (const id of open.get(about) ?? []) toast.dismiss(id);
  open.delete(about);
}

/** What a message is about that says what is wrong with the model: it is over once one is loaded. */
export const aboutModel = 'model';

const ofModel: ReadonlySet<string> = new Set([
  'model-missing',
  'model-truncated',
  'model-inconsistent',
  'other-model',
] satisfies ErrorCode[]);

/** The same call, or for projects any call: opening another one settles that the first could not be opened. */
function aboutCall(path: readonly string[]): string {
  return path[0] === 'projects' ? 'projects' : path.join('.');
}

onAnswer((path) => settle(aboutCall(path)));

/**
 * Waits for a call to the studio; a failure becomes a message, which goes when the same call works, and the answer is
 * then undefined. Cancelling is no failure.
 */
export async function attempt<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    const { code, message, hint } = shownError(error);
    const path = pathOf(error);
    const about = [...(path === null ? [] : [aboutCall(path)]), ...(ofModel.has(code) ? [aboutModel] : [])];
    if (code !== 'cancelled') notify({ level: 'error', message, hint, about });
    return undefined;
  }
}
