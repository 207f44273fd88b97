import { expect, test } from 'vitest';
import {
  frameAt,
  positionAt,
  seek,
  setRate,
  shuttleRate,
  standing,
  type TickInput,
  type Transport,
  tick,
} from './clock.ts';

const fps = 8;
const always = () => true;
const whole = { first: 0, end: 24, loop: false };

function input(nowMs: number, changes: Partial<TickInput> = {}): TickInput {
  return { nowMs, fps, range: whole, isReady: always, ...changes };
}

/** Runs ticks at a display's rate and lists each frame with the time it was first shown. */
function play(
  transport: Transport,
  seconds: number,
  hertz: number,
  changes: Partial<TickInput> = {},
): [number, number][] {
  const shown: [number, number][] = [];
  let now = transport;
  for (let i = 0; i <= seconds * hertz; i++) {
    const nowMs = (1000 * i) / hertz;
    const result = tick(now, input(nowMs, changes));
    now = result.transport;
    if (shown.at(-1)?.[0] !== result.frame) shown.push([result.frame, nowMs]);
  }
  return shown;
}

test('a frame is shown from its own time on: frame n at n / fps seconds', () => {
  const shown = play({ ...standing, rate: 1 }, 2, 1000);
  expect(shown.slice(0, 4)).toEqual([
    [0, 0],
    [1, 125],
    [2, 250],
    [3, 375],
  ]);
});

test('no drift: after an hour of uneven ticks the frame is that of the time', () => {
  let transport: Transport = { ...standing, rate: 1 };
  const range = { first: 0, end: 100_000, loop: false };
  let nowMs = 0;
  let frame = 0;
  for (let i = 0; nowMs < 3_600_000; i++) {
    nowMs += 16.6667 + (i % 7) * 13.1;
    ({ transport, frame } = tick(transport, input(nowMs, { range, shown: frame })));
  }
  expect(frame).toBe(Math.floor((nowMs / 1000) * fps));
});

test('at the end it stands on the last frame', () => {
  const result = tick({ ...standing, rate: 1 }, input(60_000));
  expect(result).toMatchObject({ frame: 23, state: 'standing', transport: { rate: 0, position: 23 } });
  const back = tick({ position: 3, atMs: 0, rate: -1 }, input(60_000));
  expect(back).toMatchObject({ frame: 0, state: 'standing', transport: { rate: 0 } });
});

test('a loop goes round without losing the fraction', () => {
  const range = { first: 4, end: 12, loop: true };
  // 1.0625 s is 8.5 frames: half a frame past one round of 8
  const round = tick({ position: 4, atMs: 0, rate: 1 }, input(1062.5, { range }));
  expect(round).toMatchObject({ frame: 4, transport: { position: 4.5 } });
  const back = tick({ position: 4.5, atMs: 0, rate: -1 }, input(125, { range }));
  expect(back).toMatchObject({ frame: 11, transport: { position: 11.5 } });
});

test('it waits on the last frame there is, and plays the next in full when it comes', () => {
  let made = 9;
  const isReady = (frame: number) => frame < made;
  const dry = tick({ position: 7, atMs: 0, rate: 1 }, input(1000, { isReady }));
  expect(dry).toMatchObject({ frame: 8, state: 'waiting', transport: { position: 9, atMs: 1000 } });
  const still = tick(dry.transport, input(5000, { isReady }));
  expect(still).toMatchObject({ frame: 8, state: 'waiting' });
  made = 21;
  const first = tick(still.transport, input(5016, { isReady }));
  expect(first).toMatchObject({ frame: 9, state: 'playing' });
  expect(tick(first.transport, input(5120, { isReady })).frame).toBe(9);
  expect(tick(first.transport, input(5126, { isReady })).frame).toBe(10);
});

test('backwards it waits too', () => {
  const isReady = (frame: number) => frame >= 9;
  const dry = tick({ position: 10.9, atMs: 0, rate: -1 }, input(1000, { isReady }));
  expect(dry).toMatchObject({ frame: 9, state: 'waiting' });
  expect(frameAt(dry.transport.position)).toBe(8);
});

test('what is standing stays, inside the range', () => {
  expect(tick({ position: 99, atMs: 0, rate: 0 }, input(1000))).toMatchObject({ frame: 23, state: 'standing' });
  expect(tick({ ...standing, rate: 1 }, input(0, { range: { first: 0, end: 0, loop: true } })).frame).toBe(0);
});

test('seeking lands on the frame, whichever way it runs', () => {
  expect(frameAt(positionAt(seek({ ...standing, rate: 1 }, 5, 100), fps, 100))).toBe(5);
  const back = seek({ ...standing, rate: -1 }, 5, 100);
  expect(frameAt(positionAt(back, fps, 100))).toBe(5);
  expect(frameAt(positionAt(back, fps, 220))).toBe(5);
  expect(frameAt(positionAt(back, fps, 230))).toBe(4);
});

test('a change of rate does not jump', () => {
  const running: Transport = { position: 2, atMs: 0, rate: 1 };
  expect(setRate(running, 4, fps, 250)).toEqual({ position: 4, atMs: 250, rate: 4 });
});

test('J and L: play, then double, up to eight times', () => {
  expect([0, 1, 2, 4, 8, -2].map((rate) => shuttleRate(rate, 1))).toEqual([1, 2, 4, 8, 8, 1]);
  expect(shuttleRate(0, -1)).toBe(-1);
});
