import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Studio } from '../../src/main/studio/studio.ts';
import type { FarmState } from '../../src/shared/api/types.ts';
import { noServer, QueueServer } from './farm-fixtures.ts';
import { studioOptions, TestWindow, testFolder, tinyModel } from './studio-fixtures.ts';

// Engines are started, and the machine may be busy.
vi.setConfig({ testTimeout: 400_000 });

const root = join(import.meta.dirname, '../..');
const endWithParent = pathToFileURL(join(root, 'tests/fakes/end-with-parent.ts')).href;

/** `throughline worker`, as a person starts it. */
class Worker {
  readonly child: ChildProcess;
  readonly #exit: Promise<unknown>;
  readonly #watchers = new Set<() => void>();
  output = '';

  constructor(folder: string, name: string, queue: string) {
    const args = [
      'worker',
      '--queue',
      queue,
      '--store',
      join(folder, 'store'),
      '--model',
      tinyModel,
      '--device',
      'cpu',
    ];
    args.push('--cache', join(folder, name), '--threads', '1', '--lease', '3');
    this.child = spawn(process.execPath, ['--import', endWithParent, join(root, 'src/main/cli.ts'), ...args], {
      env: { ...process.env, XDG_CACHE_HOME: join(folder, 'system-cache'), NO_COLOR: '1' },
    });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.on('data', (data) => {
        this.output += data;
        for (const look of this.#watchers) look();
      });
    this.#exit = new Promise((resolve) => this.child.once('exit', resolve));
    onTestFinished(() => this.kill());
  }

  /** Keys, their beginnings, of what it has made. */
  get made(): string[] {
    return [...this.output.matchAll(/^chunk \d+, ([0-9a-f]{12}): made$/gm)].map(([, key]) => key as string);
  }

  async until(fits: () => boolean): Promise<void> {
    while (!fits()) {
      await Promise.race([
        new Promise<void>((resolve) => this.#watchers.add(resolve)),
        this.#exit.then(() => Promise.reject(new Error(`it ended: ${this.output}`))),
      ]);
      this.#watchers.clear();
    }
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.#exit;
  }
}

/** A shot of two chunks and five branches from its end. @returns all shots at branches */
async function story(window: TestWindow): Promise<string[]> {
  await window.api.projects.create({ title: 'branches' });
  const first = await window.add(null, 'a cat in the meadow', 2, { id: 'root-shot', seed: 1 });
  const branches: string[] = [];
  for (let i = 0; i < 5; i++)
    branches.push(await window.add(first, 'a robot in the city', 4, { id: `branch-${i}`, seed: 10 + i }));
  return branches;
}

async function content({ workspace }: Studio): Promise<[string, string | undefined, string][]> {
  const { project } = workspace;
  const all: [string, string | undefined, string][] = [];
  for (const key of [...project.chunks.keys()].sort()) {
    const strip = (await project.store.media(key, 'strip.webp')) ?? new Uint8Array();
    all.push([key, (await project.store.chunk(key))?.latentsDigest, Buffer.from(strip).toString('base64')]);
  }
  return all;
}

describe.skipIf(noServer !== null)(`the editor and two workers${noServer ? ` (${noServer})` : ''}`, () => {
  test('make branches side by side, one is killed, nothing is lost or made twice, and the bits are those of this machine', async () => {
    const folder = testFolder();
    const server = await QueueServer.start(folder);
    onTestFinished(() => server.kill());
    const workers = [new Worker(folder, 'one', server.url), new Worker(folder, 'two', server.url)] as const;
    await Promise.all(workers.map((worker) => worker.until(() => worker.output.includes('Working for'))));

    const window = new TestWindow(studioOptions(join(folder, 'editor')));
    const branches = await story(window);
    await window.api.settings.update({
      renderOn: 'farm',
      farm: { queue: server.url, store: join(folder, 'store'), deviceClass: null },
    });
    const farm = (): FarmState => window.studio.farm.state;
    await window.until(() => {
      const state = farm();
      return state.state === 'open' && state.workers.filter(({ suits }) => suits).length === 2;
    });
    const { jobId } = await window.api.queue.generate({ shotIds: branches });
    await Promise.all(workers.map((worker) => worker.until(() => worker.made.length >= 3)));
    await workers[0].kill();
    await window.until(() => ['done', 'failed'].includes(window.job(jobId)?.state ?? ''));
    expect(window.job(jobId)).toMatchObject({ state: 'done', chunksDone: 22, chunksTotal: 22 });
    const made = workers.flatMap((worker) => worker.made);
    expect(new Set(made).size).toBe(made.length);
    expect(made.length).toBeGreaterThanOrEqual(21); // the one in hand may have been written before its word was heard
    expect(made.length).toBeLessThanOrEqual(22);
    // That it died is seen once its lease is over; the others are there.
    await window.until(() => {
      const state = farm();
      return state.state === 'open' && state.workers.some((worker) => worker.state === 'lost');
    });
    expect(window.events).toContainEqual(
      expect.objectContaining({
        type: 'notice',
        level: 'warning',
        message: expect.stringContaining('showed no sign of life'),
      }),
    );
    expect(window.takes).toHaveLength(6);

    const here = new TestWindow(studioOptions(join(folder, 'here')));
    await here.generate(...(await story(here)));
    expect(await content(window.studio)).toEqual(await content(here.studio));
  });
});
