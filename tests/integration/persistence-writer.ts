// A process that writes and gets killed: persistence-faults.test.ts starts it. Says each thing it has committed on a line.
import { writeSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { connect } from '../../src/main/persistence/database.ts';
import { ChunkStore, KvCache } from '../../src/main/persistence/index.ts';
import { type Migration, migrate } from '../../src/main/persistence/migrations.ts';
import { sampleCacheOptions, sampleChain, sampleState } from './persistence-samples.ts';

const [task, file = '', argument = ''] = process.argv.slice(2);
const say = (line: string) => writeSync(1, `${line}\n`);
const dieNow = () => process.kill(process.pid, 'SIGKILL');

switch (task) {
  case 'cache': {
    // Dies inside a transaction, while page number `argument` of all is asked for; 0: goes on until it is killed.
    const dieAtPage = Number(argument);
    const { cache } = KvCache.open(file, sampleCacheOptions);
    let asked = 0;
    for (let index = 0; ; index++) {
      const state = sampleState(index);
      cache.putState(state.key, {
        ...state,
        read: (ref) => {
          if (++asked === dieAtPage) dieNow();
          return state.read(ref);
        },
      });
      say(String(index));
    }
  }
  case 'store': {
    const store = await ChunkStore.open(file);
    for (const artifact of sampleChain(60, { values: 200_000 })) {
      store.put(artifact);
      say(artifact.key);
    }
    // Killed by then, or this machine is very fast.
    await wait(60_000);
    break;
  }
  case 'migration': {
    const migrations: Migration[] = [
      {
        what: 'shots',
        up: (inside) => inside.exec("CREATE TABLE shot (prompt TEXT); INSERT INTO shot VALUES ('a cat')"),
      },
      {
        what: 'seeds',
        up: (inside) => {
          inside.exec('ALTER TABLE shot ADD COLUMN seed; UPDATE shot SET seed = 7');
          if (argument === 'die') dieNow();
        },
      },
    ];
    const db = connect(file);
    const known = argument === 'first' ? migrations.slice(0, 1) : migrations;
    await migrate(db, file, { applicationId: 42, kind: 'project', migrations: known });
    say(JSON.stringify(db.prepare('SELECT * FROM shot').all()));
    db.close();
    break;
  }
  case 'hold': {
    // Keeps the write lock for `argument` milliseconds.
    const { cache } = KvCache.open(file, sampleCacheOptions);
    const state = sampleState(0);
    cache.putState(state.key, {
      ...state,
      read: (ref) => {
        if (ref.layer === 0) {
          say('holding');
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(argument));
        }
        return state.read(ref);
      },
    });
    cache.dispose();
    break;
  }
  case 'share': {
    // Every chunk of a story, which others write too.
    const store = await ChunkStore.open(file);
    let written = 0;
    for (const artifact of sampleChain(20, { values: 2000 })) if (store.put(artifact)) written++;
    store.dispose();
    say(String(written));
    break;
  }
  default:
    throw new Error(`no such task: ${task}`);
}
