import { bytesOf, type Parser, textOf } from './parser.ts';

const corpus = () => [bytesOf('A cat waves.')];
/** Whether an input was mutated: what the corpus holds is read as it should be. */
const isChanged = (input: Uint8Array) => textOf(input) !== 'A cat waves.';

/** Parsers with the faults that the fuzzer is for. Its test sees that each is noticed. */
export const parsers: readonly Parser[] = [
  {
    name: 'raw-error',
    kind: 'text',
    corpus,
    read: (input) => {
      if (isChanged(input)) (undefined as unknown as { cat(): void }).cat();
    },
  },
  {
    name: 'hangs',
    kind: 'text',
    corpus,
    read: (input) => {
      while (isChanged(input)) {
        // for ever
      }
    },
  },
  {
    name: 'takes-all-memory',
    kind: 'text',
    corpus,
    read: (input) => {
      const held: unknown[] = [];
      while (isChanged(input)) held.push(Array(10_000).fill({}));
    },
  },
  {
    name: 'busy',
    kind: 'text',
    corpus,
    read: (input) => {
      const start = process.threadCpuUsage();
      while (isChanged(input) && process.threadCpuUsage(start).user < 200_000) {
        // a fifth of a second of work
      }
    },
  },
];
