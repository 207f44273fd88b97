// npm run bench -- farm: a prefix and 64 branches on 1, 2 and 4 workers, with an engine that takes a fixed time a chunk, so
// that the processors of this machine are not the limit. Says speed-up and what a chunk costs besides its own time, from the
// moment at which a worker has the first run; what comes before that is told apart.
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { broom, Client, noServer, QueueServer, WorkerProcess } from '../tests/integration/farm-fixtures.ts';
import type { BenchContext } from './context.ts';

/** As long as a chunk of the built-in model takes on a common processor, in milliseconds. */
const chunkMs = 250;
const prefix = 2;
const branches = 64;
const chunksInBranch = 2;

const path = 24;

export async function farm({ folder, quick }: BenchContext): Promise<void> {
  if (noServer !== null) {
    console.log(`left out: ${noServer}`);
    return;
  }
  const tree = broom(prefix, quick ? 8 : branches, chunksInBranch);
  const work = tree.length - prefix;
  console.log(
    `${tree.length} chunks of ${chunkMs} ms: a prefix of ${prefix}, then ${work / chunksInBranch} branches of ${chunksInBranch}`,
  );
  console.log('workers   set-up   seconds   ideal   of ideal   over a chunk');
  for (const count of [1, 2, 4]) {
    const place = mkdtempSync(join(folder, 'farm-'));
    const server = await QueueServer.start(place);
    const workers = Array.from(
      { length: count },
      (_, i) => new WorkerProcess(place, `${i}`, { queue: server.url, chunkMs }),
    );
    try {
      await Promise.all(workers.map((worker) => worker.until('ready')));
      const client = new Client(tree);
      let lastAt = 0;
      client.onChunk = () => {
        lastAt = performance.now();
      };
      const startedAt = performance.now();
      const began = Promise.race(workers.map((worker) => worker.until('began'))).then(() => performance.now());
      await client.make(place, server.url, { chunksAtMost: chunksInBranch });
      const beganAt = await began;
      const ms = lastAt - beganAt;
      const made = workers.reduce((sum, worker) => sum + worker.made.length, 0);
      if (made !== tree.length) throw new Error(`${made} chunks were made, of ${tree.length}`);
      const rounds = prefix + Math.ceil(work / chunksInBranch / count) * chunksInBranch;
      const idealMs = rounds * chunkMs;
      const cells = [
        `${count}`.padStart(7),
        `${(beganAt - startedAt).toFixed(0)} ms`.padStart(8),
        (ms / 1000).toFixed(2).padStart(9),
        (idealMs / 1000).toFixed(2).padStart(7),
        (idealMs / ms).toFixed(3).padStart(10),
        `${((ms - idealMs) / rounds).toFixed(1)} ms`.padStart(14),
      ];
      console.log(cells.join(' '));
    } finally {
      await Promise.all(workers.map((worker) => worker.kill()));
      await server.kill();
    }
  }
  await onePath(folder, quick);
}

/** One path on two workers: what the worker that holds its state saves, and what that costs. */
async function onePath(folder: string, quick: boolean): Promise<void> {
  const tree = broom(quick ? 8 : path, 0, 0);
  console.log(`\na path of ${tree.length} chunks in runs of ${chunksInBranch} on 2 workers`);
  console.log('what follows is left to its holder   over a chunk   chunks replayed');
  for (const graceMs of [0, undefined]) {
    const place = mkdtempSync(join(folder, 'farm-'));
    const server = await QueueServer.start(place);
    const options = { queue: server.url, chunkMs, ...(graceMs === undefined ? {} : { graceMs }) };
    const workers = [0, 1].map((i) => new WorkerProcess(place, `${i}`, options));
    try {
      await Promise.all(workers.map((worker) => worker.until('ready')));
      const client = new Client(tree);
      const began = Promise.race(workers.map((worker) => worker.until('began'))).then(() => performance.now());
      await client.make(place, server.url, { chunksAtMost: chunksInBranch });
      const over = (performance.now() - (await began)) / tree.length - chunkMs;
      const replayed = workers.reduce((sum, worker) => sum + worker.replayed, 0);
      const cells = [(graceMs === 0 ? 'no' : 'yes').padStart(34), `${over.toFixed(1)} ms`.padStart(14)];
      console.log([...cells, `${replayed}`.padStart(17)].join(' '));
    } finally {
      await Promise.all(workers.map((worker) => worker.kill()));
      await server.kill();
    }
  }
}
