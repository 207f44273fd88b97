import { expect, test } from 'vitest';
import { sampleRecord } from '../records/sample-record.ts';
import { peakPlace, spatialMap } from './attention-map.ts';

test('spatial map: bytes become shares of the peak; damaged ones none', () => {
  const map = spatialMap(sampleRecord(), 3);
  expect(map?.values.map((value) => Math.round(value * 10) / 10)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
  expect(map && peakPlace(map)).toBe('lower right');
  expect(spatialMap(sampleRecord(), 4)).toBeNull();
  const damaged = sampleRecord({ spatial: [{ frame: 3, rows: 2, columns: 3, peak: 1, map: '!' }] });
  expect(spatialMap(damaged, 3)).toBeNull();
});
