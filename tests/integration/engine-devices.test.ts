import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { EngineClient, type EngineOptions, type SpawnEngine } from '../../src/main/engine/client.ts';
import { forkEngine } from '../../src/main/engine/engine-child.ts';
import { temporaryFolder, tinyModel } from './engine-story.ts';

interface Call {
  readonly m?: string;
  readonly a?: readonly unknown[];
}

/**
 * Real engines on the processor, some of which call themselves a graphics card.
 * @param card what becomes of what an engine answers to a call that was made to a card
 */
function machine(card: { opens: boolean; answer?: (call: string, answer: unknown) => unknown }) {
  const loads: string[] = [];
  const spawn: SpawnEngine = (entry) => {
    const child = forkEngine(entry);
    const calls = new Map<unknown, string>();
    let isCard = false;
    return {
      ...child,
      post: (message) => {
        const call = message as Call & { i?: unknown };
        if (call.m) calls.set(call.i, call.m);
        let [first] = call.a ?? [];
        if (call.m === 'load') {
          const load = first as { device: string };
          loads.push(load.device);
          isCard = load.device === 'webgpu';
          first = { ...load, device: 'cpu' };
        }
        if (call.m === 'probe') first = card.opens ? 'cpu' : 'webgpu';
        child.post(call.a ? { ...call, a: [first, ...call.a.slice(1)] } : message);
      },
      onMessage: (listener) =>
        child.onMessage((message) => {
          const call = calls.get((message as { i?: unknown }).i);
          const replace = isCard && call !== undefined && (message as Call).m === undefined ? card.answer : undefined;
          listener(replace ? replace(call as string, message) : message);
        }),
    };
  };
  return { spawn, loads };
}

function options(spawn: SpawnEngine, folder = temporaryFolder()): EngineOptions & { notices: string[] } {
  const notices: string[] = [];
  return {
    ...{ modelFolder: tinyModel, device: 'auto', threads: 1, latentsOf: () => null, spawn, notices },
    graphsFolder: join(folder, 'graphs'),
    devicesFile: join(folder, 'config/devices.json'),
    onNotice: (text) => notices.push(text),
  };
}

type Answer = { r: { ok: true; value: { stepMs: number[]; predictions: Float32Array } } };
const withSteps = (change: (value: Answer['r']['value']) => Answer['r']['value']) => (call: string, answer: unknown) =>
  call === 'measureSteps'
    ? { ...(answer as Answer), r: { ok: true, value: change((answer as Answer).r.value) } }
    : answer;

it('without a graphics card nothing is measured, and the processor is taken', async () => {
  const { spawn, loads } = machine({ opens: false });
  const asked = options(spawn);
  const engine = await EngineClient.start(asked);
  await engine.dispose();
  expect(loads).toEqual(['cpu']);
  expect(asked.notices).toEqual([]);
  expect(await EngineClient.devices(asked, 'known')).toMatchObject({
    chosen: 'cpu',
    measuredAt: null,
    devices: [
      { device: 'cpu', problem: '', stepMs: null },
      { device: 'webgpu', problem: expect.stringMatching(/^WebGPU cannot be used on this machine\./) },
    ],
  });
});

it('a faster card that agrees is taken, and measured once', async () => {
  const { spawn, loads } = machine({
    opens: true,
    answer: withSteps((value) => ({ ...value, stepMs: value.stepMs.map(() => 0.001) })),
  });
  const asked = options(spawn);
  await (await EngineClient.start(asked)).dispose();
  expect(loads).toEqual(['cpu', 'webgpu', 'webgpu']);
  expect(asked.notices).toEqual(['The devices are measured with this model. That is done once.']);
  const report = await EngineClient.devices(asked, 'known');
  expect(report).toMatchObject({
    chosen: 'webgpu',
    devices: [{ difference: null }, { stepMs: 0.001, difference: 0, problem: '' }],
  });
  expect(report.devices[0]?.stepMs).toBeGreaterThan(0);
  await (await EngineClient.start(asked)).dispose();
  expect(loads.slice(3)).toEqual(['webgpu']);
  // Another number of threads is another question.
  await (await EngineClient.start({ ...asked, threads: 2 })).dispose();
  expect(loads.slice(4)).toEqual(['cpu', 'webgpu', 'webgpu']);
});

it('a faster card whose results are wrong is not taken', async () => {
  const { spawn, loads } = machine({
    opens: true,
    answer: withSteps(({ predictions }) => ({ stepMs: [0.001], predictions: predictions.map((x) => x * 1.01) })),
  });
  const asked = options(spawn);
  await (await EngineClient.start(asked)).dispose();
  expect(loads).toEqual(['cpu', 'webgpu', 'cpu']);
  const [, card] = (await EngineClient.devices(asked, 'known')).devices;
  expect(card?.difference).toBeCloseTo(0.01, 4);
  expect(card?.problem).toBe(
    "Its results differ from the processor's by 1 %, and at most 0.1 % can be rounding. Update its driver.",
  );
});

it('a card that is lost later is replaced by the processor, and measured again at the next start', async () => {
  const asked = options(machine({ opens: true, answer: withSteps((value) => ({ ...value, stepMs: [0.001] })) }).spawn);
  await EngineClient.devices(asked, 'once');
  const lost = {
    ok: false,
    error: { code: 'device-lost', message: 'WebGPU cannot be used on this machine.', hint: '' },
  };
  const broken = machine({
    opens: false,
    answer: (call, answer) => (call === 'load' ? { ...(answer as object), r: lost } : answer),
  });
  const engine = await EngineClient.start({ ...asked, spawn: broken.spawn });
  expect(broken.loads).toEqual(['webgpu', 'cpu']);
  expect(asked.notices.at(-1)).toMatch(/^WebGPU cannot be used on this machine\. .*The processor is used instead\.$/);
  await engine.dispose();
  expect(JSON.parse(readFileSync(asked.devicesFile as string, 'utf8')).records).toEqual([]);
});

it('a device that was named is taken without asking or remembering', async () => {
  const { spawn, loads } = machine({ opens: true });
  const asked = { ...options(spawn), device: 'cpu' as const };
  await (await EngineClient.start(asked)).dispose();
  expect(loads).toEqual(['cpu']);
});

it('what is wrong with the model is said, and measuring leaves no process behind', async () => {
  const { spawn } = machine({ opens: true });
  await expect(EngineClient.start({ ...options(spawn), modelFolder: temporaryFolder() })).rejects.toMatchObject({
    code: 'model-missing',
  });
});

it('the processor computes in fp32 whatever was asked for, and says so in what keys are made of', async () => {
  const asked = { ...options(machine({ opens: false }).spawn), device: 'cpu' as const };
  const [exact, halves] = [await EngineClient.start(asked), await EngineClient.start({ ...asked, precision: 'fp16' })];
  expect(halves.info).toEqual(exact.info);
  await exact.dispose();
  await halves.dispose();
});
