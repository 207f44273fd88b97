import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { compareFilm, decodeFilm, openFilm, verifyFilm } from '../../src/main/export/index.ts';
import { CancelledError } from '../../src/shared/errors.ts';
import { animaticFrame, joined, noisyFrame, smallDisk, source, testFolder } from './export-fixtures.ts';

const metadata = { title: 'A fox in the snow' };
const lowestPsnrDb = 38;

const frames = (count: number, make = animaticFrame) => Array.from({ length: count }, (_, i) => make(i));

describe('a film, decoded again', () => {
  it('has every frame, its exact length, its colours, its index first, and what it says of itself', async () => {
    const target = path.join(testFolder(), 'film.mp4');
    const chapters = [
      { title: 'Shot 1: a fox', startSec: 0 },
      { title: 'Shot 2: näher', startSec: 0.5625 },
    ];
    const film = await openFilm({
      path: target,
      source,
      fps: 16,
      metadata: { ...metadata, description: 'Red on white.', chapters },
    });
    const all = frames(21);
    await film.addFrames(joined(all.slice(0, 9)), 9);
    await film.addFrames(joined(all.slice(9)), 12);
    const summary = await film.finish();
    const check = await verifyFilm(target);
    expect(summary).toEqual({
      path: target,
      frameCount: 21,
      durationSec: 21 / 16,
      sizeBytes: check.sizeBytes,
      width: 1200,
      height: 720,
      notes: [],
    });
    expect(check).toMatchObject({
      frameCount: 21,
      width: 1200,
      height: 720,
      pixelFormat: 'I420',
      containerColour: { primaries: 'bt709', transfer: 'bt709', matrix: 'bt709', fullRange: false },
      bitstreamColour: { primaries: 1, transfer: 1, matrix: 1, fullRange: false },
      isFastStart: true,
      title: metadata.title,
      description: 'Red on white.',
      chapters,
    });
    expect(Math.abs(check.durationSec - 21 / 16)).toBeLessThan(0.001);
    const comparison = await compareFilm(target, source, all);
    expect(comparison.frameCount).toBe(21);
    expect(comparison.worstDb).toBeGreaterThan(lowestPsnrDb);
    expect(readdirSync(path.dirname(target))).toEqual(['film.mp4']);
  });

  it.each([
    ['noise, enlarged', 720, 24],
    ['noise at its own size', 96, 24],
    ['an odd frame rate', 720, 24000 / 1001],
  ])('stays above 38 dB in every frame: %s', async (_name, targetHeight, fps) => {
    const target = path.join(testFolder(), 'film.mp4');
    const all = frames(12, noisyFrame);
    const film = await openFilm({ path: target, source, fps, targetHeight, metadata });
    await film.addFrames(joined(all), all.length);
    await film.finish();
    const comparison = await compareFilm(target, source, all);
    expect(comparison.worstDb).toBeGreaterThan(lowestPsnrDb);
    expect(Math.abs((await verifyFilm(target)).durationSec - all.length / fps)).toBeLessThan(0.001);
  });

  it('shows each frame at its time', async () => {
    const target = path.join(testFolder(), 'film.mp4');
    const film = await openFilm({ path: target, source, fps: 24000 / 1001, targetHeight: 96, metadata });
    await film.addFrames(joined(frames(50)), 50);
    await film.finish();
    let index = 0;
    for await (const { timestampSec } of decodeFilm(target))
      expect(Math.abs(timestampSec - (index++ * 1001) / 24000)).toBeLessThan(0.001);
    expect(index).toBe(50);
  });

  it('holds a single frame, and replaces an older film', async () => {
    const target = path.join(testFolder(), 'film.mp4');
    writeFileSync(target, 'older');
    const film = await openFilm({ path: target, source, fps: 16, metadata });
    await film.addFrames(animaticFrame(0), 1);
    await film.finish();
    expect(await verifyFilm(target)).toMatchObject({ frameCount: 1, durationSec: 1 / 16, chapters: [] });
  });

  it('stops being checked when asked to', async () => {
    const target = path.join(testFolder(), 'film.mp4');
    const film = await openFilm({ path: target, source, fps: 16, targetHeight: 96, metadata });
    await film.addFrames(joined(frames(4)), 4);
    await film.finish();
    await expect(verifyFilm(target, AbortSignal.abort())).rejects.toBeInstanceOf(CancelledError);
  });

  it('says so when it is broken', async () => {
    const target = path.join(testFolder(), 'film.mp4');
    writeFileSync(target, 'not a film');
    await expect(verifyFilm(target)).rejects.toMatchObject({ code: 'export-failed' });
  });
});

describe('a film given up', () => {
  it.each(['abort the signal', 'call abort'])('leaves the older film and no other file: %s', async (how) => {
    const target = path.join(testFolder(), 'film.mp4');
    writeFileSync(target, 'older');
    const controller = new AbortController();
    const film = await openFilm({ path: target, source, fps: 16, metadata, signal: controller.signal });
    await film.addFrames(joined(frames(4)), 4);
    const running = film.addFrames(joined(frames(40)), 40);
    setTimeout(() => (how === 'call abort' ? void film.abort() : controller.abort()), 60);
    await expect(running).rejects.toBeInstanceOf(CancelledError);
    await expect(film.finish()).rejects.toBeInstanceOf(CancelledError);
    await film.abort();
    await film.abort();
    expect(readFileSync(target, 'utf8')).toBe('older');
    expect(readdirSync(path.dirname(target))).toEqual(['film.mp4']);
  });

  it('is given up between calls too, and before it is opened', async () => {
    const folder = testFolder();
    const controller = new AbortController();
    const options = { path: path.join(folder, 'film.mp4'), source, fps: 16, metadata, signal: controller.signal };
    const film = await openFilm(options);
    controller.abort();
    await expect(film.addFrames(animaticFrame(0), 1)).rejects.toBeInstanceOf(CancelledError);
    await film.abort();
    await expect(openFilm(options)).rejects.toBeInstanceOf(CancelledError);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is given up while it is finished', async () => {
    const folder = testFolder();
    const controller = new AbortController();
    const film = await openFilm({
      path: path.join(folder, 'film.mp4'),
      source,
      fps: 16,
      metadata,
      signal: controller.signal,
    });
    await film.addFrames(joined(frames(8)), 8);
    const finishing = film.finish();
    controller.abort();
    await expect(finishing).rejects.toBeInstanceOf(CancelledError);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('stays finished when abort comes too late', async () => {
    const target = path.join(testFolder(), 'film.mp4');
    const film = await openFilm({ path: target, source, fps: 16, targetHeight: 96, metadata });
    await film.addFrames(animaticFrame(0), 1);
    await film.finish();
    await film.abort();
    expect(existsSync(target)).toBe(true);
    await expect(film.addFrames(animaticFrame(0), 1)).rejects.toMatchObject({ code: 'bad-input' });
  });
});

describe('a film that cannot be written', () => {
  const open = (target: string, more = {}) => openFilm({ path: target, source, fps: 16, metadata, ...more });

  it('names a missing folder, a folder in its place, and a file for a folder', async () => {
    const folder = testFolder();
    await expect(open(path.join(folder, 'none', 'film.mp4'))).rejects.toMatchObject({
      code: 'export-failed',
      message: expect.stringContaining('does not exist'),
    });
    mkdirSync(path.join(folder, 'film.mp4'));
    await expect(open(path.join(folder, 'film.mp4'))).rejects.toMatchObject({
      code: 'export-failed',
      message: expect.stringContaining('a folder named'),
    });
    writeFileSync(path.join(folder, 'file'), '');
    await expect(open(path.join(folder, 'file', 'film.mp4'))).rejects.toMatchObject({
      code: 'export-failed',
      hint: expect.stringContaining('another folder'),
    });
  });

  it('names what is wrong with its input', async () => {
    const target = path.join(testFolder(), 'film.mp4');
    await expect(open(target, { fps: 0 })).rejects.toMatchObject({ code: 'bad-input' });
    await expect(open(target, { targetHeight: 9000 })).rejects.toMatchObject({ code: 'bad-input' });
    await expect(
      open(target, {
        metadata: {
          title: '',
          chapters: [
            { title: 'b', startSec: 2 },
            { title: 'a', startSec: 1 },
          ],
        },
      }),
    ).rejects.toMatchObject({ code: 'bad-input' });
    const wrong = await open(target);
    await expect(wrong.addFrames(new Uint8Array(10), 1)).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringContaining('160 x 96'),
    });
    const empty = await open(target);
    await expect(empty.finish()).rejects.toMatchObject({ code: 'bad-input', message: 'The film has no frames.' });
    expect(readdirSync(path.dirname(target))).toEqual([]);
  });

  it('does not take frames in two calls at once', async () => {
    const film = await open(path.join(testFolder(), 'film.mp4'), { targetHeight: 96 });
    const first = film.addFrames(joined(frames(3)), 3);
    await expect(film.addFrames(animaticFrame(0), 1)).rejects.toMatchObject({ code: 'bad-input' });
    await first;
    expect((await film.finish()).frameCount).toBe(3);
  });

  it('says that the disk is full, while frames come or while the file is put together', async (context) => {
    // 48 frames of noise are some 2.7 MB: one disk holds not even the coded frames, the other not the file besides them.
    for (const size of ['256k', '4m']) {
      const disk = smallDisk(`size=${size}`);
      if (!disk) return context.skip('mounting a small disk needs root on Linux');
      const target = path.join(disk, 'film.mp4');
      const film = await openFilm({ path: target, source, fps: 24, metadata });
      const whole = async () => {
        for (let chunk = 0; chunk < 4; chunk++)
          await film.addFrames(joined(frames(12, (i) => noisyFrame(i + chunk * 12))), 12);
        await film.finish();
      };
      await expect(whole()).rejects.toMatchObject({ code: 'export-failed', message: expect.stringContaining('full') });
      expect(readdirSync(disk)).toEqual([]);
    }
  });

  it('never replaces a film that appeared while it was made', async () => {
    const target = path.join(testFolder(), 'film.mp4');
    const film = await open(target, { targetHeight: 96 });
    await film.addFrames(animaticFrame(0), 1);
    writeFileSync(target, 'of somebody else');
    const summary = await film.finish();
    expect(summary.path).toBe(path.join(path.dirname(target), 'film 2.mp4'));
    expect(readFileSync(target, 'utf8')).toBe('of somebody else');
    expect(await verifyFilm(summary.path)).toMatchObject({ frameCount: 1 });
    expect(readdirSync(path.dirname(target)).sort()).toEqual(['film 2.mp4', 'film.mp4']);
  });

  it('says that a disk can only be read', async (context) => {
    const disk = smallDisk('size=64k,ro');
    if (!disk) return context.skip('mounting a small disk needs root on Linux');
    await expect(open(path.join(disk, 'film.mp4'))).rejects.toMatchObject({
      code: 'export-failed',
      message: expect.stringContaining('only be read'),
    });
  });
});

describe('an export whose process is killed', () => {
  it('leaves the older film as it was', async () => {
    const target = path.join(testFolder(), 'film.mp4');
    writeFileSync(target, 'older');
    const door = new URL('../../src/main/export/index.ts', import.meta.url).href;
    const program = `
      const { openFilm } = await import(${JSON.stringify(door)});
      const film = await openFilm({ path: ${JSON.stringify(target)}, source: { width: 160, height: 96 }, fps: 16, metadata: { title: '' } });
      console.log('open');
      for (;;) await film.addFrames(new Uint8Array(160 * 96 * 3 * 4), 4);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    await wait(200);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(readFileSync(target, 'utf8')).toBe('older');
    expect(readdirSync(path.dirname(target)).filter((name) => name.endsWith('.frames'))).toHaveLength(1);
    // The next export there cleans up.
    const film = await openFilm({ path: target, source: { width: 160, height: 96 }, fps: 16, metadata: { title: '' } });
    await film.addFrames(new Uint8Array(160 * 96 * 3), 1);
    await film.finish();
    expect(readdirSync(path.dirname(target))).toEqual(['film.mp4']);
  });
});
