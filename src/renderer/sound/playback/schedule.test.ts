import { expect, test } from 'vitest';
import { sampleOfFrame } from '../../../shared/sound/frame-samples.ts';
import { blockSamples } from '../../../shared/sound/pcm.ts';
import { type SoundClip, soundRate } from '../../../shared/sound/sound-clip.ts';
import { planSounds } from '../../../shared/sound/sound-plan.ts';
import { tick } from '../../player/model/clock.ts';
import { FilmClock } from '../../player/model/film-clock.ts';
import { envelopeLine, piecesBetween, sampleAt, secOf } from './schedule.ts';

const clip: SoundClip = {
  ...{ id: 'sound-1', asset: 'a', name: 'music.wav', row: 0, offsetSamples: 0, inSamples: 1000 },
  ...{ lengthSamples: 600 * soundRate, gainDb: 0, fadeInSamples: 0, fadeOutSamples: 0, muted: false },
};
const tenMinutes = 700 * soundRate;

test.each([
  [12, 12, 1],
  [24, 24, 1],
  [23.976, 24_000, 1001],
])(
  'over ten minutes at %d frames a second the frame that is shown is the one that is heard',
  (fps, frames, seconds) => {
    // The sound card runs faster than the page's clock; the page's own clock is what would drift: 0.12 s in ten minutes.
    const skew = 1.0002;
    let pageMs = 0;
    // A context's time moves in steps of 128 samples.
    const soundSec = () => Math.floor(((pageMs / 1000) * skew * soundRate) / 128) * (128 / soundRate);
    const clock = new FilmClock(() => pageMs);
    pageMs = 5000;
    clock.follow(() => soundSec() * 1000);
    const atMs = clock.nowMs();
    const film = { position: 0, atSec: clock.sourceMs(atMs) / 1000, rate: 1, fps };
    let transport = { position: 0, atMs, rate: 1 };
    const range = { first: 0, end: Math.floor(600 * fps), loop: false };
    let shown = 0;
    /** The furthest that what is heard was from the time of the frame shown, before its beginning or after its end, in seconds. */
    let off = 0;
    while (transport.rate !== 0) {
      pageMs += 16.7;
      const result = tick(transport, { nowMs: clock.nowMs(), fps, range, isReady: () => true, shown });
      transport = result.transport;
      shown = result.frame;
      if (transport.rate === 0) break;
      const heardSec = sampleAt(film, soundSec()) / soundRate;
      off = Math.max(off, (shown * seconds) / frames - heardSec, heardSec - ((shown + 1) * seconds) / frames);
    }
    expect(shown).toBe(range.end - 1);
    // No drift at all: a millionth of a second is what floating point leaves.
    expect(off).toBeLessThan(1e-6);
  },
);

test('a film at 23.976 frames a second is heard where it is shown to the end of ten minutes', () => {
  const film = { position: 0, atSec: 12, rate: 1, fps: 23.976 };
  for (let frame = 0; frame <= 14_386; frame += 7) {
    const sec = secOf(film, sampleOfFrame(frame, film.fps));
    expect(Math.abs(sec - 12 - (frame * 1001) / 24_000)).toBeLessThan(1 / soundRate);
  }
});

test('pieces of a clip follow each other to the sample, whatever stretches they are asked for in', () => {
  const sounds = planSounds([{ firstFrame: 5, sounds: [clip] }], 24, () => tenMinutes);
  const seen = new Map(
    Array.from({ length: 1300 }, (_, i) => piecesBetween(sounds, i * 24_000, (i + 1) * 24_000))
      .flat()
      .map((piece) => [piece.name, piece]),
  );
  const pieces = [...seen.values()].sort((a, b) => a.filmSample - b.filmSample);
  expect(pieces[0]).toMatchObject({
    block: 0,
    offset: 1000,
    count: blockSamples - 1000,
    filmSample: 10_000,
    clipSample: 0,
  });
  for (const [i, piece] of pieces.entries()) {
    const next = pieces[i + 1];
    if (next) expect(next.filmSample).toBe(piece.filmSample + piece.count);
    expect(piece.block * blockSamples + piece.offset).toBe(clip.inSamples + piece.clipSample);
  }
  expect(pieces.reduce((sum, { count }) => sum + count, 0)).toBe(clip.lengthSamples);
});

test('what began before is heard from where it is by now', () => {
  const sounds = planSounds([{ firstFrame: 0, sounds: [clip] }], 24, () => tenMinutes);
  const [piece] = piecesBetween(sounds, 100 * soundRate, 100 * soundRate + 10);
  expect(piece?.filmSample).toBeLessThanOrEqual(100 * soundRate);
  expect((piece?.filmSample ?? 0) + (piece?.count ?? 0)).toBeGreaterThan(100 * soundRate);
  expect(piecesBetween(sounds, 601 * soundRate, 602 * soundRate)).toEqual([]);
});

test('at twice the speed everything is heard in half the time', () => {
  const film = { position: 24, atSec: 3, rate: 2, fps: 24 };
  expect(sampleAt(film, 3)).toBe(soundRate);
  expect(sampleAt(film, 4)).toBe(3 * soundRate);
  expect(secOf(film, 3 * soundRate)).toBe(4);
});

test('the loudness of a piece bends where the clip does', () => {
  const faded = { ...clip, lengthSamples: 1000, fadeInSamples: 100, fadeOutSamples: 200 };
  const [sound] = planSounds([{ firstFrame: 0, sounds: [faded] }], 24, () => tenMinutes);
  if (!sound) throw new Error('not heard');
  expect(envelopeLine(sound, 50, 1000)).toEqual([
    { sample: 50, gain: 0.5 },
    { sample: 100, gain: 1 },
    { sample: 800, gain: 1 },
    { sample: 1000, gain: 0 },
  ]);
});

test('the clock neither jumps nor goes back where another takes over', () => {
  let a = 1000;
  let b = 77;
  const clock = new FilmClock(() => a);
  expect(clock.nowMs()).toBe(1000);
  clock.follow(() => b);
  expect(clock.nowMs()).toBe(1000);
  b += 5;
  expect(clock.nowMs()).toBe(1005);
  b -= 3; // a latency that was reckoned anew
  expect(clock.nowMs()).toBe(1005);
  a += 100;
  clock.follow(() => a);
  expect(clock.nowMs()).toBe(1005);
  expect(clock.sourceMs(1005)).toBe(1100);
});
