import { expect, test } from 'vitest';
import { rangeOf } from './film-point.ts';

/** Three shots of 9, 10 and 12 frames at 8 a second; exported at 24. */
const scale = {
  spans: [
    { first: 0, end: 9 },
    { first: 9, end: 19 },
    { first: 19, end: 31 },
  ],
  numbers: ['1', '12A', '3'],
  modelFps: 8,
  fps: 24,
};

test.each([
  ['10', '12', { first: 9, end: 12 }],
  ['shot:12A', 'shot:12A', { first: 9, end: 19 }],
  [null, 'shot:12A', { first: 0, end: 19 }],
  ['shot: 3', null, { first: 19, end: 31 }],
  // 24 frames of timecode are 8 of the model: 00:00:01:00 is frame 8, and so are the two after it.
  ['01:00:01:00', '01:00:01:02', { first: 8, end: 9 }],
  ['01:00:01:03', '01:00:02:00', { first: 9, end: 17 }],
  ['0:00.5', '0:01.1', { first: 4, end: 9 }],
])('from %s to %s', (from, to, range) => expect(rangeOf(from, to, scale)).toEqual(range));

test('without points all of the film is meant', () => expect(rangeOf(null, null, scale)).toBeNull());

test.each([
  ['12', '10', /would end \(10\) before it begins \(12\)/],
  ['0', null, /31 frames at 8 a second/],
  ['32', null, /--from 32: the film has 31 frames/],
  [null, '00:59:59:23', /--to 00:59:59:23: the film has 31 frames/],
  ['shot:9', null, /there is no shot 9 in this film/],
  ['later', null, /--from later: this is no point of a film/],
  ['01:00:00:24', null, /is not a timecode at 24 frames/],
])('from %s to %s is refused', (from, to, words) => expect(() => rangeOf(from, to, scale)).toThrow(words));
