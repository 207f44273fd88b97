import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { DeviceTensor } from '../runtime/device-tensor.ts';
import { type Page, PageStore, type PageTiers } from './page-store.ts';

/** Pages of fake tensors that count how often they are disposed, and how many live. */
class FakeDevice {
  readonly disposals: number[] = [];
  live = 0;

  page(): Page {
    return { k: this.#tensor(), v: this.#tensor() };
  }

  #tensor(): DeviceTensor {
    const id = this.disposals.push(0) - 1;
    this.live++;
    const ort = { dims: [1], dispose: () => this.disposals.splice(id, 1, (this.disposals[id] ?? 0) + 1) };
    return new DeviceTensor(ort as unknown as DeviceTensor['ort'], () => this.live--);
  }
}
const at = (frame: number, pass = 'a') => ({ frame, pass });

it('keeps what is needed and disposes the rest exactly once', () => {
  const device = new FakeDevice();
  const store = new PageStore();
  for (const frame of [0, 1, 2]) store.put(at(frame), [device.page(), device.page()]);
  store.keepOnly([at(1)]);
  expect([0, 1, 2].map((frame) => store.has(at(frame)))).toEqual([false, true, false]);
  expect(device.disposals).toEqual([1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 1]);
  store.keepOnly([at(1)]);
  store.dispose();
  store.dispose();
  expect(device.disposals).toEqual(Array(12).fill(1));
  expect(device.live).toBe(0);
});

it('takes the first pages of a frame and disposes others that come for it', () => {
  const device = new FakeDevice();
  const store = new PageStore();
  const first = device.page();
  store.put(at(0), [first]);
  store.put(at(0), [device.page()]);
  expect(store.get(at(0), 0)).toBe(first);
  expect(device.disposals).toEqual([0, 0, 1, 1]);
});

it('tells passes over the same frame apart', () => {
  const device = new FakeDevice();
  const store = new PageStore();
  const [committed, recached] = [device.page(), device.page()];
  store.put(at(0, 'commit'), [committed]);
  store.put(at(0, 'recache'), [recached]);
  expect(store.get(at(0, 'recache'), 0)).toBe(recached);
  store.keepOnly([at(0, 'commit')]);
  expect(store.get(at(0, 'commit'), 0)).toBe(committed);
  expect(() => store.get(at(0, 'recache'), 0)).toThrow(/page of frame 0 \(pass recache, layer 0\) is gone/);
  expect(() => store.get(at(0, 'commit'), 1)).toThrow(/layer 1\) is gone/);
});

it('a tensor is disposed once, however often it is asked to', () => {
  const device = new FakeDevice();
  const { k } = device.page();
  k.dispose();
  k.dispose();
  expect(k.disposed).toBe(true);
  expect(device.disposals[0]).toBe(1);
  expect(device.live).toBe(1);
});

/** Two layers of four values; a page's values are known by `value`. */
class TieredDevice {
  readonly values = new Map<DeviceTensor, number>();
  readonly folder = mkdtempSync(join(tmpdir(), 'throughline-pages-'));
  failUnpack = false;

  constructor() {
    onTestFinished(() => rmSync(this.folder, { recursive: true, force: true }));
  }

  tensor(value: number): DeviceTensor {
    const ort = { dims: [4], dispose: () => {} } as unknown as DeviceTensor['ort'];
    const tensor: DeviceTensor = new DeviceTensor(ort, () => this.values.delete(tensor));
    this.values.set(tensor, value);
    return tensor;
  }

  frame(value: number): Page[] {
    return [0, 1].map((layer) => ({ k: this.tensor(value + layer / 10), v: this.tensor(-value - layer / 10) }));
  }

  /** @param frames on the device, and in memory beside it; a frame takes 64 bytes there and 32 here */
  store(frames: { device: number; host: number }): PageStore {
    const tiers: PageTiers = {
      budget: { deviceBytes: frames.device * 64, hostBytes: frames.host * 32 },
      folder: join(this.folder, 'pages'),
      codec: {
        layers: 2,
        packedBytes: 8,
        pack: async (tensor) => new Uint8Array(Float64Array.of(this.values.get(tensor) as number).buffer),
        unpack: async (bytes) => {
          if (this.failUnpack && this.values.size % 4 === 3) throw new Error('no memory');
          return this.tensor(new Float64Array(bytes.buffer)[0] as number);
        },
      },
    };
    return new PageStore(tiers);
  }

  read(store: PageStore, frame: number): number[] {
    return [0, 1].flatMap((layer) => {
      const { k, v } = store.get(at(frame), layer);
      return [this.values.get(k) as number, this.values.get(v) as number];
    });
  }
}
const wanted = (frame: number) => [frame, -frame, frame + 0.1, -frame - 0.1];

it('what is not used for longest leaves the device, then memory, and comes back as it was', async () => {
  const device = new TieredDevice();
  const store = device.store({ device: 2, host: 1 });
  for (const frame of [1, 2, 3, 4, 5]) store.put(at(frame), device.frame(frame));
  const identity = store.identity(at(1));
  await store.trim();
  expect(store.bytes).toEqual({ device: 128, host: 32, file: 64 });
  expect(() => store.get(at(3), 0)).toThrow(/is gone/);
  expect(device.read(store, 5)).toEqual(wanted(5));
  await store.bring([at(1), at(3)]);
  for (const frame of [1, 3]) expect(device.read(store, frame)).toEqual(wanted(frame));
  expect(store.bytes).toEqual({ device: 128, host: 32, file: 64 });
  expect(device.values.size).toBe(8);
  // Frame 2 went to the file before frame 4, which was used later.
  await store.bring([at(2), at(4), at(5)]);
  for (const frame of [2, 4, 5]) expect(device.read(store, frame)).toEqual(wanted(frame));
  expect(store.bytes).toEqual({ device: 192, host: 32, file: 32 }); // what is wanted stays, whatever the budget
  await store.trim();
  expect(store.bytes).toEqual({ device: 128, host: 32, file: 64 });
  expect(store.identity(at(1))).toBe(identity);
});

it('a layer’s page comes alone: layers recall different frames', async () => {
  const device = new TieredDevice();
  const store = device.store({ device: 2, host: 1 });
  for (const frame of [1, 2, 3, 4, 5, 6]) store.put(at(frame), device.frame(frame));
  await store.trim();
  expect(store.bytes).toEqual({ device: 128, host: 32, file: 96 });
  // Four frames are recalled, each in one layer: as many pages as two frames have.
  await store.bring([1, 2, 3, 4].map((frame) => ({ ...at(frame), layer: frame % 2 })));
  expect(store.bytes.device).toBe(128);
  for (const frame of [1, 2, 3, 4]) {
    const layer = frame % 2;
    expect(device.values.get(store.get(at(frame), layer).k)).toBe(frame + layer / 10);
    expect(() => store.get(at(frame), 1 - layer)).toThrow(/is gone/);
  }
  await store.bring([at(1)]);
  expect(device.read(store, 1)).toEqual(wanted(1));
  expect(store.bytes.device).toBe(128);
});

it('slots of the file are used again, and nothing is left behind', async () => {
  const device = new TieredDevice();
  const store = device.store({ device: 0, host: 0 });
  for (let frame = 0; frame < 40; frame++) {
    store.put(at(frame), device.frame(frame));
    await store.trim();
    store.keepOnly([at(frame), at(frame - 1), at(0)]);
    expect(device.values.size).toBe(0);
    await store.bring([at(0), at(frame)]);
    expect(device.read(store, 0)).toEqual(wanted(0));
    expect(device.read(store, frame)).toEqual(wanted(frame));
    await store.trim();
  }
  expect(store.bytes).toEqual({ device: 0, host: 0, file: 96 });
  if (process.platform !== 'win32') expect(readdirSync(join(device.folder, 'pages'))).toEqual([]);
  store.dispose();
  expect(readdirSync(join(device.folder, 'pages'))).toEqual([]);
});

it('a page that cannot come back stays where it was, and leaves no tensor', async () => {
  const device = new TieredDevice();
  const store = device.store({ device: 0, host: 9 });
  store.put(at(1), device.frame(1));
  await store.trim();
  device.failUnpack = true;
  await expect(store.bring([at(1)])).rejects.toThrow('no memory');
  expect(device.values.size).toBe(2); // that of the first layer had come
  expect(store.bytes).toEqual({ device: 32, host: 16, file: 0 });
  device.failUnpack = false;
  await store.bring([at(1)]);
  expect(device.read(store, 1)).toEqual(wanted(1));
  store.dispose();
  expect(device.values.size).toBe(0);
});

it('a file that cannot be written is said, and the pages are not lost', async () => {
  const device = new TieredDevice();
  writeFileSync(join(device.folder, 'pages'), 'in the way');
  const store = device.store({ device: 0, host: 0 });
  store.put(at(1), device.frame(1));
  await expect(store.trim()).rejects.toMatchObject({
    code: 'export-failed',
    message: expect.stringMatching(/could not be written/),
  });
  rmSync(join(device.folder, 'pages'));
  await store.bring([at(1)]);
  expect(device.read(store, 1)).toEqual(wanted(1));
});
