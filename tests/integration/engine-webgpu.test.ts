import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

/** The software driver that comes with Debian's chromium: slow, the same numbers on every machine. */
const softwareDriver = '/usr/lib/chromium/vk_swiftshader_icd.json';
/** Chromium brings the Vulkan loader as well, for systems without one; theirs is found first. */
const libraries = [process.env.LD_LIBRARY_PATH, '/lib/x86_64-linux-gnu', '/usr/lib/chromium'].filter(Boolean).join(':');
const driver = process.env.VK_ICD_FILENAMES ?? (existsSync(softwareDriver) ? softwareDriver : null);
const child = fileURLToPath(new URL('./webgpu-child.ts', import.meta.url));
const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));

/** @returns what the child printed last, as JSON */
function run(...args: string[]): Promise<ReturnType<typeof JSON.parse>> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, VK_ICD_FILENAMES: driver ?? '', LD_LIBRARY_PATH: libraries };
    const node = spawn(process.execPath, ['--no-warnings', child, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [node.stdout, node.stderr]) stream.on('data', (data: Buffer) => (output += data));
    node.on('error', reject);
    node.on('close', (code, signal) => {
      const last = output.trim().split('\n').at(-1) ?? '';
      if (code === 0 && last.startsWith('{')) resolve(JSON.parse(last));
      else reject(new Error(`the child ended with ${signal ?? code}:\n${output.slice(-3000)}`));
    });
  });
}

const why = driver ? '' : ' (skipped: no WebGPU driver; install chromium, or set VK_ICD_FILENAMES)';
// Compiling shaders is what takes the time: THROUGHLINE_WEBGPU_TESTS=all runs every fixture and
// more chunks, with retrieval, sparse activation and recaches.
const all = process.env.THROUGHLINE_WEBGPU_TESTS === 'all';
const timeoutMs = all ? 3_600_000 : 300_000;

describe.skipIf(!driver)(`WebGPU on the software driver, nothing left to the CPU${why}`, { timeout: timeoutMs }, () => {
  const cases: [string, number][] = [
    ['memflow-released-dense', all ? 11 : 2],
    ['reference-small', all ? 10 : 1],
  ];
  if (all) cases.push(['umt5-encoder', 1], ['taehv-decoder', 1], ['memflow-released-sma', 6]);
  it.each(cases)('%s: parity over %i chunks', async (name, most) => {
    const report = await run('parity', fixture(name), String(most));
    expect(report.held, report.lines.join('\n')).toBe(true);
  });

  it('K/V stay on the device, tensors do not pile up, and steps leave no K/V behind', async () => {
    const { locations, tensors, discarded, afterDispose, form } = await run('live');
    // All that a chunk makes and throws away: the velocity of its commit, and no K or V of its two steps.
    const velocityBytes = 3 * 16 * 4 * 6 * 4;
    expect(discarded.slice(0, 4)).toEqual([1, 2, 3, 4].map((chunks) => chunks * velocityBytes));
    expect(locations).toEqual(['gpu-buffer']);
    expect(new Set(tensors.slice(4))).toEqual(new Set([tensors[4]]));
    expect(afterDispose).toBe(0);
    if (driver === softwareDriver) expect(form).toBe('decomposed'); // its fused attention is wrong for many queries
  });
});
