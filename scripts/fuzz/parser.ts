import type { InputKind } from './mutate.ts';

/** Something of ours that reads what comes from outside. */
export interface Parser {
  readonly name: string;
  readonly kind: InputKind;
  /** Good inputs that mutated ones are made from; at least one. */
  readonly corpus: () => Uint8Array[] | Promise<Uint8Array[]>;
  /** What this format is made of. */
  readonly words?: readonly string[];
  /**
   * Reads one input. Returns for what is good, and throws a ThroughlineError for what is not: every other error is a
   * finding. `folder` is a scratch folder of this run.
   */
  readonly read: (input: Uint8Array, folder: string) => void | Promise<void>;
}

export const textOf = (input: Uint8Array): string => Buffer.from(input).toString('utf8');
export const bytesOf = (text: string): Uint8Array => Buffer.from(text, 'utf8');
export const jsonBytes = (value: unknown): Uint8Array => bytesOf(JSON.stringify(value));
