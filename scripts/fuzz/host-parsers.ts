import { fileToOpen } from '../../src/main/desktop/open-request.ts';
import { fileNameOf } from '../../src/main/files/file-names.ts';
import { isDeeperThan } from '../../src/main/server/message-depth.ts';
import { requestTarget } from '../../src/main/server/request-target.ts';
import { readRecord } from '../../src/shared/record-versions.ts';
import { fakeRecord } from '../../tests/fakes/fake-engine.ts';
import { bytesOf, jsonBytes, type Parser, textOf } from './parser.ts';

const recipe = {
  chunkIndex: 3,
  prompt: 'A cat waves.',
  transition: 'continue',
  memory: {
    mode: 'paper',
    policy: 'nam',
    sinkFrames: 1,
    windowFrames: 6,
    bankFrames: 3,
    activatedFrames: 2,
    capacity: 32,
    recordInterval: 3,
    pipeline: 'interactive',
    pins: [],
    bans: [],
  },
} as unknown as Parameters<typeof fakeRecord>[0]['recipe'];

export const hostParsers: readonly Parser[] = [
  {
    name: 'request-target',
    kind: 'text',
    corpus: () => ['/', '/?token=abc', '/media/chunk/00/strip.webp', '//', 'http://127.0.0.1:1/x?y#z'].map(bytesOf),
    words: ['//', '..', '%2e', '%', '%00', '\\', '?', '#', '://', '[', ']', '@', ' '],
    read: (input) => {
      requestTarget(textOf(input));
    },
  },
  {
    name: 'message-depth',
    kind: 'text',
    corpus: () => [jsonBytes({ a: [{ b: '"[{' }] })],
    words: ['[', '{', '"', '\\', ']', '}'],
    read: (input) => {
      isDeeperThan(64, textOf(input));
    },
  },
  {
    name: 'names',
    kind: 'text',
    corpus: () => ['A film.throughline', '--data=/tmp/x', 'COM1', '🦊 film.jsonl'].map(bytesOf),
    words: ['.', '/', '\\', '\0', 'con', '\u202E', ' ', '.fountain'],
    read: (input) => {
      const text = textOf(input);
      const name = fileNameOf(text);
      if (name === '' || !name.isWellFormed() || /[/\\\0]/.test(name)) throw new Error(`a file name is ${name}`);
      fileToOpen(['app', text], '/tmp');
    },
  },
  {
    name: 'memory-record',
    kind: 'json',
    corpus: () => [jsonBytes(fakeRecord({ recipe }))],
    read: (input) => {
      let value: unknown;
      try {
        value = JSON.parse(textOf(input));
      } catch {
        return;
      }
      readRecord(value, 'this chunk');
    },
  },
];
