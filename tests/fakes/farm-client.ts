// Somebody who wants a tree from a farm, in a process of their own:
// node tests/fakes/farm-client.ts '{"queue": "redis://...", "folder": "/folder", "prefix": 2, "branches": 6, "length": 4}'
// Prints a line of JSON for everything that happens; each chunk comes with the grey that it was drawn in.
import './end-with-parent.ts';
import { broom, Client } from '../integration/farm-fixtures.ts';

const { queue, folder, prefix, branches, length, store, patienceMs } = JSON.parse(process.argv[2] ?? '{}');
const say = (event: object): void => void process.stdout.write(`${JSON.stringify(event)}\n`);
const client = new Client(broom(prefix, branches, length));
client.onChunk = (key) => say({ kind: 'chunk', key, grey: client.chunks.get(key)?.latents[0] });
try {
  await client.make(folder, queue, { store, patienceMs });
  say({ kind: 'done' });
} catch (error) {
  say({ kind: 'failed', message: String(error) });
  process.exitCode = 1;
}
