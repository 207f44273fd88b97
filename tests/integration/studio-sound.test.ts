import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openSound } from '../../src/main/sound/index.ts';
import { receiveUpload } from '../../src/main/studio/assets/receive-upload.ts';
import type { Asset } from '../../src/shared/assets/asset.ts';
import { fromPcm } from '../../src/shared/sound/pcm.ts';
import { PeakMeter } from '../../src/shared/sound/peaks.ts';
import type { SoundClip } from '../../src/shared/sound/sound-clip.ts';
import { mp4 } from '../fakes/edit-plans.ts';
import { studioOptions, TestWindow, testFolder } from './studio-fixtures.ts';

const recording = join(import.meta.dirname, '../fixtures/sounds/click.wav');
const clipOf = ({ id: asset, name, sound }: Asset, change: Partial<SoundClip> = {}): SoundClip => ({
  ...{ id: 'sound-1', asset, name, row: 0, offsetSamples: 0, inSamples: 0, lengthSamples: sound?.lengthSamples ?? 1 },
  ...{ gainDb: 0, fadeInSamples: 0, fadeOutSamples: 0, muted: false, ...change },
});

const clickAt = (samples: Float32Array): number => samples.findIndex((value) => Math.abs(value) > 0.05);

test('a recording comes in, is heard in the film where it was put, and goes once nothing names it', async () => {
  const folder = testFolder();
  const window = new TestWindow(studioOptions(folder));
  const { api } = window;
  await api.projects.create({ title: 'Heard' });
  const first = await window.add(null, 'a red cat', 2);
  const second = await window.add(first, 'the cat waves', 1);
  const asset = await api.assets.addSound({ file: recording });
  expect(asset).toMatchObject({ kind: 'sound', name: 'click.wav', mediaType: 'audio/wav' });
  expect(asset.sound).toEqual({
    lengthSamples: 24_000,
    channels: 1,
    sourceChannels: 1,
    sourceRate: 44_100,
    codec: 'pcm-s16',
  });
  expect(await api.assets.addSound({ file: recording })).toEqual(asset);
  await window.until(() => window.events.some((event) => event.type === 'assets' && event.assets.length === 1));

  // What a window is given of it to play and to draw.
  const block = await window.studio.media(`/media/sound/${asset.id}/0.pcm`);
  const [samples] = fromPcm(block?.bytes ?? new Uint8Array(), 1);
  expect(samples).toHaveLength(24_000);
  expect(Math.abs(clickAt(samples as Float32Array) - 12_000)).toBeLessThan(12);
  const peaks = await window.studio.media(`/media/sound/${asset.id}/peaks`);
  const meter = new PeakMeter();
  const due = [...meter.push([samples as Float32Array]), ...meter.flush()];
  const drawn = [...new Int8Array(new Uint8Array(peaks?.bytes ?? []).buffer)];
  expect(drawn).toHaveLength(due.length);
  expect(Math.max(...drawn.map((value, i) => Math.abs(value - (due[i] as number))))).toBeLessThanOrEqual(1);
  expect(await window.studio.media(`/media/sound/${'0'.repeat(64)}/0.pcm`)).toBeNull();

  // It hangs on the second shot, which begins after 21 frames at 8 a second.
  await api.document.apply({ commands: [{ type: 'put-sound', shotId: second, clip: clipOf(asset) }], gesture: null });
  await window.generate(second);
  const { id, files } = await api.exports.start({ target: { kind: 'cut', leaf: second }, file: null, ...mp4(64) });
  const over = () =>
    window.events.findLast(
      (event) => event.type === 'export' && event.export.id === id && event.export.state !== 'running',
    );
  await window.until(() => over() !== undefined);
  expect(over()).toMatchObject({ export: { state: 'done', error: null } });
  const film = new Uint8Array(readFileSync(files[0] ?? ''));
  const reader = await openSound({ sizeBytes: film.length, read: async (a, b) => film.slice(a, b) }, 'film.mp4');
  const heard: number[] = [];
  for await (const [left] of reader.blocks()) heard.push(...(left as Float32Array));
  reader.dispose();
  expect(Math.abs(clickAt(Float32Array.from(heard)) - ((21 / 8) * 48_000 + 12_000))).toBeLessThan(64);

  // The document, and after that its undo step, name it.
  expect(await api.storage.unused()).toMatchObject({ assets: 0 });
  await api.document.undo();
  expect(await api.storage.cleanUp()).toMatchObject({ assets: 0 });
  // Another step takes the place of the one that was undone.
  await api.document.apply({ commands: [{ type: 'edit-shot', id: first, patch: { name: 'Cat' } }], gesture: null });
  const file = window.project?.file ?? '';
  await window.close();

  const again = new TestWindow(studioOptions(folder));
  await again.api.projects.open({ file });
  expect(await again.api.storage.unused()).toMatchObject({ assets: 1 });
  expect(await again.api.storage.cleanUp()).toMatchObject({ assets: 1 });
  await expect(
    again.api.document.apply({ commands: [{ type: 'put-sound', shotId: first, clip: clipOf(asset) }], gesture: null }),
  ).rejects.toThrow('The recording of "click.wav" is not in this project.');
  expect(await again.studio.media(`/media/sound/${asset.id}/0.pcm`)).toBeNull();
});

test('what is no sound leaves nothing behind, and says what it is', async () => {
  const window = new TestWindow(studioOptions(testFolder()));
  await window.api.projects.create({ title: 'Silent' });
  const { id: project } = window.studio.projects.open.project;
  const send = async (name: string, ...parts: readonly (Uint8Array | Error)[]) => {
    async function* body() {
      for (const part of parts) {
        if (part instanceof Error) throw part;
        yield part;
      }
    }
    const { status, body: text } = await receiveUpload(window.studio, new URLSearchParams({ project, name }), body());
    return { status, answer: JSON.parse(text) };
  };
  expect(await send('notes.txt', Buffer.from('not a sound at all, but words'))).toMatchObject({
    status: 422,
    answer: { code: 'bad-input', message: '"notes.txt" is not a sound file that can be read, or it is damaged.' },
  });
  expect(await send('empty.wav')).toMatchObject({ status: 422, answer: { message: '"empty.wav" is empty.' } });
  expect((await send('cut.wav', Buffer.alloc(3_000_000), new Error('the connection broke'))).status).toBe(422);
  const bytes = readFileSync(recording);
  const good = await send('click.wav', bytes.subarray(0, 1000), bytes.subarray(1000));
  expect(good).toMatchObject({ status: 200, answer: { name: 'click.wav', sizeBytes: bytes.length } });
  const { store, assets } = window.studio.projects.open.project;
  expect(assets.map(({ name }) => name)).toEqual(['click.wav']);
  expect(await store.deleteUnusedAssets(true)).toMatchObject({ assets: 1 });
  expect(
    (await receiveUpload(window.studio, new URLSearchParams({ project: 'another', name: 'x' }), null)).status,
  ).toBe(400);
  const other = await receiveUpload(
    window.studio,
    new URLSearchParams({ project: 'another', name: 'x' }),
    (async function* () {})(),
  );
  expect(other.status).toBe(422);
});

test('a copy of a project goes on with its sounds', async () => {
  const folder = testFolder();
  const window = new TestWindow(studioOptions(folder));
  await window.api.projects.create({ title: 'First' });
  const asset = await window.api.assets.addSound({ file: recording });
  await window.api.projects.saveAs({ file: join(folder, 'copy.throughline') });
  expect((await window.studio.media(`/media/sound/${asset.id}/0.pcm`))?.bytes).toHaveLength(48_000);
});
