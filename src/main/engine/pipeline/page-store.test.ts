import { expect, it } from 'vitest';
import { DeviceTensor } from '../runtime/device-tensor.ts';
import { type Page, PageStore } from './page-store.ts';

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
