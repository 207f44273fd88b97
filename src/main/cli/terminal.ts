import { styleText } from 'node:util';
import { createLogUpdate } from 'log-update';

/** The colours we use, by what they say. */
export type Tone = 'strong' | 'faint' | 'memory' | 'making' | 'good' | 'warning' | 'bad';

/** Where a command writes. Results go to `out`; progress and complaints to `err`, so that results can be piped. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** Colours for `out` and for `err`; they return the text unchanged where colours are not wanted. */
  readonly paint: (tone: Tone, text: string) => string;
  readonly paintErr: (tone: Tone, text: string) => string;
  /** Lines at the end of `err` that are drawn over; null where that cannot be (a pipe, a log file). */
  readonly live: { draw(text: string): void; clear(): void } | null;
  /** Width in characters. */
  readonly columns: number;
}

const styles = {
  strong: 'bold',
  faint: 'dim',
  memory: 'cyan',
  making: 'yellow',
  good: 'green',
  warning: 'yellow',
  bad: 'red',
} as const satisfies Record<Tone, Parameters<typeof styleText>[0]>;

/** The terminal of this process. NO_COLOR and FORCE_COLOR are heeded. */
export function processTerminal(): Terminal {
  const { stdout, stderr } = process;
  // Whoever read has gone (`| head`, a terminal that was closed). What is being made is still wanted.
  for (const stream of [stdout, stderr]) stream.on('error', () => {});
  const paintFor = (stream: NodeJS.WriteStream) => (tone: Tone, text: string) =>
    styleText(styles[tone], text, { stream, validateStream: true });
  // A terminal that does not know its size cannot be drawn over.
  const update = stderr.isTTY && stderr.columns > 0 ? createLogUpdate(stderr) : null;
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    paint: paintFor(stdout),
    paintErr: paintFor(stderr),
    live: update && { draw: (text) => update(text), clear: () => update.clear() },
    columns: stderr.columns || stdout.columns || 120,
  };
}
