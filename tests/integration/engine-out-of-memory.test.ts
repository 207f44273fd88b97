import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { essence, linePlan, TestStudio } from './engine-story.ts';

const megabyte = 2 ** 20;
const tool = '/usr/bin/prlimit';
const possible = process.platform === 'linux' && existsSync(tool);

/** The engine processes that this one started. */
function engineIds(): number[] {
  return readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8')
    .split(' ')
    .filter((id) => id !== '' && readFileSync(`/proc/${id}/cmdline`, 'utf8').includes('engine-process'))
    .map(Number);
}

/** Address space in use, bytes. */
function addressSpace(id: number): number {
  const [, kilobytes] = /^VmSize:\s+(\d+) kB/m.exec(readFileSync(`/proc/${id}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}

/** Leaves the process so much more address space and no byte beyond; null takes the limit away again. */
function leave(id: number, bytes: number | null): void {
  const soft = bytes === null ? 'unlimited' : String(addressSpace(id) + bytes);
  execFileSync(tool, ['--pid', String(id), `--as=${soft}:unlimited`]);
}

describe.skipIf(!possible)('memory runs out for real', { timeout: 180_000 }, () => {
  it('the engine says so, lives on, and goes on where it was', async () => {
    const studio = new TestStudio();
    const engine = await studio.engine();
    const line = linePlan(engine, [{ prompt: 'a red cat walks in the meadow', chunks: 3 }]);
    await studio.render(line.slice(0, 2));
    const [id, ...others] = engineIds();
    if (id === undefined || others.length > 0) throw new Error('one engine process is expected');

    // A picture so long that one tensor at full size ([8000, 8, 32, 48], 393 MB) is refused outright, while those at half
    // the size fit: what is left then is enough for everything else, V8 included, which would end the process.
    const { channels, height, width } = engine.info.latent;
    const frames = 2000;
    const much = new Float32Array(frames * channels * height * width);
    leave(id, 384 * megabyte);
    const decoding = engine.decode([much], () => {});
    await expect(decoding).rejects.toMatchObject({
      code: 'out-of-memory',
      message: expect.stringMatching(/^The graph decoder\.onnx failed .*there is not enough memory\.$/),
      hint: 'Close other programs, or choose a smaller model, a smaller bank or int8 storage.',
      cause: expect.objectContaining({ message: expect.stringContaining('in the engine process') }),
    });
    expect(engineIds()).toEqual([id]);
    leave(id, null);

    const [after] = await studio.render(line, 2);
    await studio.close();
    const undisturbed = new TestStudio();
    await undisturbed.engine();
    const wanted = (await undisturbed.render(line)).at(2);
    expect(after && essence(after)).toEqual(wanted && essence(wanted));
  });
});
