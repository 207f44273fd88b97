import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openSound } from './decode-sound.ts';
import { toStereo } from './downmix.ts';
import { Resampler } from './resampler.ts';

const fixture = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(join(import.meta.dirname, '../../../tests/fixtures/sounds', name)));

async function decode(bytes: Uint8Array, name: string) {
  const read = async (start: number, end: number) => bytes.slice(start, end);
  const reader = await openSound({ sizeBytes: bytes.length, read }, name);
  onTestFinished(() => reader.dispose());
  const left: number[] = [];
  for await (const [channel] of reader.blocks()) left.push(...(channel as Float32Array));
  return { facts: reader.facts, mediaType: reader.mediaType, left };
}

/** What the recording is before it was coded, at 48 kHz. */
function truth(length: number): number[] {
  return Array.from({ length }, (_, i) => {
    const t = i / 48_000 - 0.25;
    return t < 0 || t >= 0.01
      ? 0
      : (24_000 / 32_767) * Math.sin(2 * Math.PI * 1000 * t) * Math.exp((-t * 44_100) / 120);
  });
}

/** Where two recordings are most alike: by how many samples the first is late. */
function lateness(heard: readonly number[], due: readonly number[]): number {
  let best = { late: 0, likeness: Number.NEGATIVE_INFINITY };
  for (let late = -3000; late <= 3000; late++) {
    let likeness = 0;
    for (let i = 11_900; i < 12_600; i++) likeness += (heard[i + late] ?? 0) * (due[i] as number);
    if (likeness > best.likeness) best = { late, likeness };
  }
  return best.late;
}

test.each([
  ['click.wav', 'audio/wav', 'pcm-s16', 0],
  ['click.flac', 'audio/flac', 'flac', 0],
  ['click.mp3', 'audio/mpeg', 'mp3', 2],
  ['click.m4a', 'audio/mp4', 'aac', 2],
  ['click.opus', 'audio/ogg', 'opus', 2],
  ['vorbis.ogg', 'audio/ogg', 'vorbis', 2],
] as const)('%s is decoded, and nothing of it is early or late', async (name, mediaType, codec, tolerance) => {
  const decoded = await decode(fixture(name), name);
  expect(decoded.mediaType).toBe(mediaType);
  expect(decoded.facts).toMatchObject({ channels: 1, sourceChannels: 1, codec });
  expect(Math.abs(lateness(decoded.left, truth(24_000)))).toBeLessThanOrEqual(tolerance);
  // Of FLAC the last block is left out where it is silent: mediabunny takes its few bytes for none.
  expect(decoded.left.length).toBeGreaterThanOrEqual(codec === 'flac' ? 20_000 : 24_000);
  expect(decoded.left.length).toBeLessThan(24_000 + 2400);
});

test('six channels become two', async () => {
  const { facts, left } = await decode(fixture('surround.wav'), 'surround.wav');
  expect(facts).toEqual({ channels: 2, sourceChannels: 6, sourceRate: 44_100, codec: 'pcm-s24' });
  expect(left).toHaveLength(4800);
});

test.each([
  ['vorbis.ogg', (bytes: Uint8Array) => bytes.subarray(0, 60), /not a sound file|no sound in/],
  ['README.md', (bytes: Uint8Array) => bytes, /not a sound file that can be read, or it is damaged/],
  ['click.m4a', (bytes: Uint8Array) => bytes.subarray(0, 200), /not a sound file|no sound in/],
  ['click.flac', (bytes: Uint8Array) => bytes.subarray(0, 20), /not a sound file|no sound in/],
] as const)('%s that cannot be read is told with what to do', async (name, cut, sentence) => {
  const error = await decode(cut(fixture(name)), name).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'bad-input', message: expect.stringMatching(sentence), hint: /./ });
});

test('numbers of a header that make no sense are refused before anything is decoded', async () => {
  const wav = fixture('click.wav');
  const view = new DataView(wav.buffer, wav.byteOffset);
  view.setUint32(24, 3_000_000, true);
  await expect(decode(wav, 'fast.wav')).rejects.toThrow('"fast.wav" has 3000000 samples a second');
  view.setUint32(24, 44_100, true);
  view.setUint16(22, 64, true);
  await expect(decode(wav, 'wide.wav')).rejects.toThrow('"wide.wav" has 64 channels');
});

test('files with wrong bytes in them are read or refused in words, and nothing else happens', async () => {
  let state = 12_345;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state % below;
  };
  const names = ['click.wav', 'click.mp3', 'click.m4a', 'click.flac', 'click.opus', 'vorbis.ogg'];
  const outcomes = { read: 0, refused: 0 };
  for (let i = 0; i < 60; i++) {
    const name = names[i % names.length] as string;
    let bytes = fixture(name);
    const reach = i % 2 === 0 ? Math.min(200, bytes.length) : bytes.length;
    for (let change = random(20); change >= 0; change--) bytes[random(reach)] = random(256);
    if (i % 5 === 0) bytes = bytes.slice(0, random(bytes.length));
    const error = await decode(bytes, name).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    if (error !== null) expect(error).toMatchObject({ code: 'bad-input', message: /./, hint: /./ });
    outcomes[error === null ? 'read' : 'refused']++;
  }
  expect(outcomes.read).toBeGreaterThan(10);
  expect(outcomes.refused).toBeGreaterThan(10);
});

test.each([
  [44_100, 48_000],
  [8000, 48_000],
  [96_000, 48_000],
])('a tone keeps pitch, loudness and place from %d to %d samples a second', (from, to) => {
  const tone = (rate: number, length: number) =>
    Float32Array.from({ length }, (_, i) => 0.5 * Math.sin((2 * Math.PI * 997 * i) / rate));
  const whole = new Resampler(from, to);
  const input = tone(from, from / 2);
  const output = [...whole.push(input), ...whole.flush()];
  const due = tone(to, to / 2);
  expect(output).toHaveLength(due.length);
  const worst = Math.max(...output.slice(500, -500).map((value, i) => Math.abs(value - (due[i + 500] as number))));
  expect(worst).toBeLessThan(2e-4);
  const bits = new Resampler(from, to);
  const pieces: number[] = [];
  for (let at = 0; at < input.length; at += 777) pieces.push(...bits.push(input.subarray(at, at + 777)));
  expect([...pieces, ...bits.flush()]).toEqual(output);
});

test('a mix to two channels is never louder than what goes in', () => {
  for (const count of [3, 4, 5, 6, 7, 8]) {
    const channels = Array.from({ length: count }, () => Float32Array.of(1));
    for (const side of toStereo(channels)) expect(side[0]).toBeLessThanOrEqual(1.000001);
  }
  expect(toStereo([Float32Array.of(0.3)])).toEqual([Float32Array.of(0.3)]);
});
