// A thread that converts tensors for a file of weights; see conversion-threads.ts.
import { parentPort } from 'node:worker_threads';
import { outcomeOf } from '../../../../shared/outcome.ts';
import { sharedSource } from '../byte-source.ts';
import { Rooms } from './conversion-rooms.ts';
import type { FromThread, ToThread } from './conversion-threads.ts';
import { Converter } from './convert.ts';

if (!parentPort) throw new Error('this file is started by conversion-threads.ts');
const port = parentPort;
const say = (message: FromThread, moved: ArrayBuffer[] = []): void => port.postMessage(message, moved);

const rooms = new Rooms();
const converter = new Converter({
  room: () => rooms.take(),
  take: (room, lengthBytes) => {
    if (lengthBytes === 0) rooms.giveBack(room);
    else say({ kind: 'piece', room, lengthBytes }, [room]);
  },
  again: () => say({ kind: 'again' }),
});

port.on('message', async (message: ToThread) => {
  if (message.kind === 'room') {
    rooms.giveBack(message.room);
    return;
  }
  const { tensor, ...conversion } = message.conversion;
  say({
    kind: 'end',
    outcome: await outcomeOf('The import', () =>
      converter.convert({ ...conversion, tensor: { ...tensor, source: sharedSource(tensor.source) } }),
    ),
  });
});
