// Entry of the process that reads footage: a file that was made to break a decoder ends this process and nothing else.
import { createBirpc } from 'birpc';
import { outcomeOf } from '../../shared/outcome.ts';
import { parentPort } from '../engine/parent-port.ts';
import { checkStrips, takeFootage } from './footage-work.ts';
import type { FootageFunctions } from './protocol.ts';

// Ctrl+C in a terminal reaches the whole group; the owner decides what stops, and when.
process.on('SIGINT', () => {});

const port = parentPort();

createBirpc<object, FootageFunctions>(
  {
    take: (...asked) => outcomeOf('Reading the footage', () => takeFootage(...asked)),
    check: (...asked) => outcomeOf('Reading the footage', () => checkStrips(...asked)),
  },
  { post: (message) => port.post(message), on: (listener) => port.on(listener), timeout: -1 },
);
