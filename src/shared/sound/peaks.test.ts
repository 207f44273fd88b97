import { expect, test } from 'vitest';
import { fromPcm, toPcm } from './pcm.ts';
import { PeakMeter, peakSamples, peaksBetween } from './peaks.ts';

test('peaks are the same however the sound is cut into blocks', () => {
  const samples = Float32Array.from({ length: 1000 }, (_, i) => Math.sin(i * 0.7) * (i / 1000));
  const measured = (size: number) => {
    const meter = new PeakMeter();
    const pairs: number[] = [];
    for (let at = 0; at < samples.length; at += size) pairs.push(...meter.push([samples.subarray(at, at + size)]));
    return [...pairs, ...meter.flush()];
  };
  const whole = measured(1000);
  expect(whole).toHaveLength(2 * Math.ceil(1000 / peakSamples));
  for (const size of [1, 7, 256, 999]) expect(measured(size)).toEqual(whole);
});

test('the lowest and highest of either channel are seen, and of a stretch the widest', () => {
  const meter = new PeakMeter();
  const left = new Float32Array(512);
  const right = new Float32Array(512);
  left[3] = 0.5;
  right[300] = -0.25;
  const peaks = meter.push([left, right]);
  expect([...peaks]).toEqual([0, 64, -32, 0]);
  expect(peaksBetween(peaks, 0, 2)).toEqual([-32 / 127, 64 / 127]);
  expect(peaksBetween(peaks, 1.2, 1.3)).toEqual([-32 / 127, 0]);
});

test('samples come back from how they are kept, to half a step', () => {
  const channels = [Float32Array.of(0, 0.5, -1, 1), Float32Array.of(0.1, 2, -3, -0.7)];
  const back = fromPcm(toPcm(channels), 2);
  for (const [c, channel] of channels.entries())
    for (const [i, value] of channel.entries())
      expect(back[c]?.[i]).toBeCloseTo(Math.max(-1.00004, Math.min(1, value)), 4);
});
