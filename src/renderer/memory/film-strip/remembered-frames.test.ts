import { expect, test } from 'vitest';
import { sampleRecord } from '../records/sample-record.ts';
import { filmStrip } from './remembered-frames.ts';

test('film strip: the bank and what was passed over by score, then what is banned, sink, window and the new frame', () => {
  const strip = filmStrip(sampleRecord());
  expect(strip.map(({ frame, role }) => `${frame} ${role}`)).toEqual([
    '3 bank', // both layers
    '4 bank', // mean 0.3
    '7 bank', // mean 0.2
    '5 dropped',
    '6 banned',
    '0 sink',
    '9 window',
    '10 window',
    '11 window',
    '12 new',
  ]);
  expect(strip[0]).toMatchObject({ pinned: 'Mia', banned: false, score: 0.4, layers: [0, 1] });
  expect(strip[4]).toMatchObject({ banned: true, score: null, layers: [] });
});
