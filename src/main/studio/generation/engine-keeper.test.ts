import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { FakeStudioEngine } from '../../../../tests/fakes/fake-studio-engine.ts';
import type { EngineState } from '../../../shared/api/types.ts';
import { ThroughlineError } from '../../../shared/errors.ts';
import type { EngineOptions } from '../../engine/client.ts';
import { defaultSettings } from '../settings/settings-store.ts';
import { EngineKeeper } from './engine-keeper.ts';

function newKeeper(start: () => void = () => {}) {
  const engines: FakeStudioEngine[] = [];
  const states: EngineState['state'][] = [];
  const keeper = new EngineKeeper({
    settings: () => defaultSettings,
    defaultModelFolder: 'model',
    cacheFolder: 'cache',
    devicesFile: '/config/devices.json',
    startEngine: async (options) => {
      start();
      engines.push(new FakeStudioEngine(options));
      return engines.at(-1) as FakeStudioEngine;
    },
    latentsOf: async () => null,
    onState: ({ state }) => states.push(state),
    onNotice: () => {},
  });
  return { keeper, engines, states };
}

test('starts one engine, when it is first needed', async () => {
  const { keeper, engines, states } = newKeeper();
  expect(keeper.info).toBeNull();
  await Promise.all([keeper.ready(), keeper.use(async () => {}), keeper.ready()]);
  expect(engines).toHaveLength(1);
  expect(states).toEqual(['loading', 'ready']);
});

test('hands it to one at a time, in order, and ends it after them', async () => {
  const { keeper, engines } = newKeeper();
  const order: string[] = [];
  const work = (name: string, ms: number) =>
    keeper.use(async () => {
      order.push(`${name} begins`);
      await delay(ms);
      order.push(`${name} ends`);
    });
  const stopped = Promise.all([work('a', 15), work('b', 1)]);
  await Promise.all([stopped, keeper.whileOff(async () => {})]);
  expect(order).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
  expect(engines[0]?.disposed).toBe(true);
});

test('an engine that dies idle is replaced, unless they keep dying', async () => {
  const { keeper, engines, states } = newKeeper();
  await keeper.ready();
  for (let deaths = 1; deaths <= 3; deaths++) {
    engines.at(-1)?.die();
    await delay(0);
    expect(engines).toHaveLength(Math.min(deaths + 1, 3));
  }
  expect(states.at(-1)).toBe('failed');
  await keeper.use(async () => {}); // somebody asks: a new attempt, and it works
  expect(states.at(-1)).toBe('ready');
  expect(keeper.mayRestart).toBe(true);
});

test('a silent engine is ended; one that says something now and then is not', async () => {
  const { keeper, engines } = newKeeper();
  await keeper.use(
    async (_, alive) => {
      for (let i = 0; i < 8; i++) {
        await delay(10);
        alive();
      }
    },
    { longestSilenceMs: 50 },
  );
  expect(engines).toHaveLength(1);
  const hung = keeper.use(
    async () => {
      while (!engines[0]?.disposed) await delay(5);
      throw new ThroughlineError('engine-died', 'The engine process was ended.');
    },
    { longestSilenceMs: 20 },
  );
  await expect(hung).rejects.toMatchObject({ code: 'engine-died' });
  await keeper.ready();
  expect(engines).toHaveLength(2);
});

test('a model that cannot be loaded is said so, and tried again when asked', async () => {
  let missing = true;
  const { keeper, states } = newKeeper(() => {
    if (missing) throw new ThroughlineError('model-missing', 'There is no model.');
  });
  await expect(keeper.use(async () => {})).rejects.toMatchObject({ code: 'model-missing' });
  expect(states).toEqual(['loading', 'failed']);
  missing = false;
  await keeper.ready();
  expect(keeper.state.state).toBe('ready');
});

/** Loads that end only when the test says so, or never; whether their processes were ended. */
function heldLoads(longestLoadMs?: number) {
  const loads: { options: EngineOptions; finish: () => FakeStudioEngine }[] = [];
  const states: EngineState['state'][] = [];
  const keeper = new EngineKeeper({
    settings: () => defaultSettings,
    defaultModelFolder: 'model',
    cacheFolder: 'cache',
    devicesFile: '/config/devices.json',
    startEngine: (options) => {
      const { promise, resolve } = Promise.withResolvers<FakeStudioEngine>();
      const finish = (): FakeStudioEngine => {
        const engine = new FakeStudioEngine(options);
        resolve(engine);
        return engine;
      };
      loads.push({ options, finish });
      return promise;
    },
    latentsOf: async () => null,
    onState: ({ state }) => states.push(state),
    onNotice: () => {},
    ...(longestLoadMs === undefined ? {} : { longestLoadMs }),
  });
  return { keeper, loads, states };
}

test('a load that hangs is ended by kill, whileOff and close, none of which waits for it', async () => {
  const { keeper, loads } = heldLoads();
  const waiting = keeper.ready().catch((error) => error);
  await delay(0);
  await keeper.kill();
  expect(loads[0]?.options.signal?.aborted).toBe(true);
  await delay(0); // whoever waits goes on with another
  expect(loads).toHaveLength(2);
  await keeper.whileOff(async () => {});
  await delay(0);
  expect(loads).toHaveLength(3);
  await keeper.close();
  expect(loads.every(({ options }) => options.signal?.aborted)).toBe(true);
  expect(await waiting).toMatchObject({ code: 'cancelled' });
  await expect(keeper.ready()).rejects.toMatchObject({ code: 'cancelled' });
  // One that comes all the same is not left running.
  const late = loads[1]?.finish();
  await delay(0);
  expect(late?.disposed).toBe(true);
});

test('a load that takes too long is given up, and said so', async () => {
  const { keeper, loads, states } = heldLoads(20);
  await expect(keeper.use(async () => {})).rejects.toMatchObject({
    code: 'engine-died',
    message: expect.stringMatching(/has not answered/),
  });
  expect(loads[0]?.options.signal?.aborted).toBe(true);
  expect(states.at(-1)).toBe('failed');
});

test('who waits for a load is let go when cancelled, and the load goes on for others', async () => {
  const { keeper, loads } = heldLoads();
  const controller = new AbortController();
  const one = keeper.use(async () => 'one', { signal: controller.signal }).catch((error) => error);
  const two = keeper.use(async () => 'two');
  await delay(0);
  controller.abort();
  expect(await one).toMatchObject({ code: 'cancelled' });
  expect(await keeper.readyWithin(10)).toBeNull();
  loads[0]?.finish();
  expect(await two).toBe('two');
  expect(loads).toHaveLength(1);
});

test('while the engine is off for something, none is started; who wants one waits', async () => {
  const { keeper, engines } = newKeeper();
  await keeper.ready();
  const order: string[] = [];
  const gate = Promise.withResolvers<void>();
  const off = keeper.whileOff(async () => {
    order.push(`off, disposed: ${engines[0]?.disposed}`);
    await gate.promise;
    order.push('done');
  });
  const used = keeper.use(async () => order.push('used'));
  await delay(5);
  expect(engines).toHaveLength(1);
  gate.resolve();
  await Promise.all([off, used]);
  expect(order).toEqual(['off, disposed: true', 'done', 'used']);
  expect(engines).toHaveLength(2);
});

test('what an engine uses is said without waiting for one that hangs', async () => {
  const { keeper, engines } = newKeeper();
  await keeper.ready();
  const [engine] = engines;
  if (!engine) throw new Error('no engine');
  let asked = 0;
  engine.usage = () => {
    asked++;
    return new Promise(() => {});
  };
  expect(await Promise.all([keeper.usage(), keeper.usage()])).toEqual([null, null]);
  expect(asked).toBe(1);
});
