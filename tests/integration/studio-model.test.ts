import { join } from 'node:path';
import { createRouterClient } from '@orpc/server';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRouter } from '../../src/main/studio/router.ts';
import type { ProjectState } from '../../src/shared/api/types.ts';
import { mp4 } from '../fakes/edit-plans.ts';
import { FakeStudioEngine } from '../fakes/fake-studio-engine.ts';
import { newShot, studioOptions, TestWindow, testFolder } from './studio-fixtures.ts';

/** What a person, or fate, does next; `wait` until all of before is over, or go on at once. */
const step = fc.record({
  what: fc.oneof(
    { weight: 6, arbitrary: fc.constant('edit' as const) },
    { weight: 3, arbitrary: fc.constant('generate' as const) },
    {
      weight: 6,
      arbitrary: fc.constantFrom('copy', 'create', 'open', 'pause', 'resume', 'cancel', 'retry', 'settings', 'undo'),
    },
    { weight: 2, arbitrary: fc.constantFrom('engine dies', 'export', 'close') },
  ),
  wait: fc.boolean(),
  dice: fc.nat(1000),
});
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** What may be answered to somebody who is too late, or asks for something that is not there. */
const answers = ['other-project', 'bad-input', 'stale', 'cancelled', 'engine-died', 'export-failed'];

/** One life of a studio, and what it accepted. */
class Life {
  readonly window: TestWindow;
  readonly wrong: string[] = [];
  /** Titles that were accepted, by the project they were accepted for, and where each of these lies in the end. */
  readonly accepted = new Map<string, string[]>();
  readonly places = new Map<string, string>();
  readonly #client;
  readonly #folder: string;
  readonly #engines: FakeStudioEngine[] = [];
  #waiting: Promise<void>[] = [];
  #made = 0;

  constructor(folder: string) {
    this.#folder = folder;
    this.window = new TestWindow({
      ...studioOptions(folder),
      startEngine: async (options) => {
        this.#engines.push(new FakeStudioEngine(options));
        return this.#engines.at(-1) as FakeStudioEngine;
      },
    });
    this.#client = createRouterClient(createRouter(this.window.studio));
  }

  async live(steps: readonly Step[]): Promise<void> {
    this.#note(await this.#client.projects.create({ file: this.#newPlace() }));
    for (const next of steps) {
      this.#waiting.push(this.#do(next).catch((error) => this.#judge(next, error)));
      if (next.wait) await this.#settled();
    }
    await this.#settled();
    await this.#atRest();
  }

  async #settled(): Promise<void> {
    while (this.#waiting.length > 0) await Promise.all(this.#waiting.splice(0));
  }

  /** Nothing waits for ever: what is queued and not paused comes to an end. */
  async #atRest(): Promise<void> {
    const { window } = this;
    const { projects, exports } = window.studio;
    await window.until(() => {
      const state = projects.current?.queue.state ?? { paused: true, jobs: [] };
      const open = state.jobs.some((job) => job.state === 'running' || (!state.paused && job.state === 'waiting'));
      return !open && exports.states.every((one) => one.state !== 'running');
    });
  }

  async #do({ what, dice }: Step): Promise<void> {
    const state = this.window.studio.projects.current?.project.state;
    if (what === 'create') return this.#note(await this.#client.projects.create({ file: this.#newPlace() }));
    if (what === 'open') {
      const files = [...new Set(this.places.values())];
      return this.#note(await this.#client.projects.open({ file: files[dice % files.length] as string }));
    }
    if (what === 'settings') {
      await this.#client.settings.update({ kvStorage: (['fp16', 'int8', 'fp32'] as const)[dice % 3] as 'fp16' });
      return;
    }
    if (what === 'engine dies') return void this.#engines.at(-1)?.die();
    if (!state) return;
    const { id: project, revision, document } = state;
    const job = this.window.studio.projects.current?.queue.state.jobs[dice % 3];
    switch (what) {
      case 'edit': {
        const title = `edit ${this.#made++}`;
        await this.#client.document.apply({
          project,
          revision,
          commands: [{ type: 'edit-project', title }],
          gesture: null,
        });
        this.accepted.set(project, [...(this.accepted.get(project) ?? []), title]);
        return;
      }
      case 'undo':
        // Another title: that it is undone is accepted as well.
        await this.#client.document.undo({ project, revision });
        await this.#do({ what: 'edit', dice, wait: false });
        return;
      case 'generate': {
        const shot = newShot('a cat', 1 + (dice % 3), { seed: dice });
        const commands = [{ type: 'add-shot' as const, parent: document.shots[0]?.id ?? null, shot }];
        await this.#client.document.apply({ project, revision, commands, gesture: null });
        await this.#client.queue.generate({ project, revision, shotIds: [shot.id] });
        return;
      }
      case 'copy':
        return this.#note(await this.#client.projects.saveAs({ project, file: this.#newPlace() }));
      case 'pause':
        return this.#client.queue.pause({ project });
      case 'resume':
        return this.#client.queue.resume({ project });
      case 'cancel':
        return this.#client.queue.cancel({ project, jobId: job?.id ?? 'none' });
      case 'retry':
        return this.#client.queue.retry({ project, jobId: job?.id ?? 'none' });
      case 'export': {
        const target = { kind: 'every-cut' as const };
        const file = join(this.#folder, 'films', `film ${this.#made++}.mp4`);
        await this.#client.exports.start({ project, revision, target, file, ...mp4(16) });
        return;
      }
      case 'close':
        return this.#client.projects.close({ project });
    }
  }

  #note({ id, file }: ProjectState): void {
    this.places.set(id, file);
  }

  #newPlace(): string {
    return join(this.#folder, 'projects', `p${this.#made++}.throughline`);
  }

  #judge({ what }: Step, error: unknown): void {
    const { code, message } = (error as { data?: { code: string; message: string } }).data ?? {};
    if (code === undefined || !answers.includes(code)) this.wrong.push(`${what}: ${message ?? error}`);
  }
}

test('whatever is done in whatever order, and at the same time: every accepted edit is there, and nothing is stuck', {
  timeout: 600_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), async (steps) => {
      const folder = testFolder();
      const life = new Life(folder);
      await life.live(steps);
      await life.window.close();
      for (const state of life.window.studio.exports.states) if (state.error) life.wrong.push(state.error.message);
      expect(life.wrong).toEqual([]);

      const again = new TestWindow({
        ...studioOptions(folder),
        startEngine: async (options) => new FakeStudioEngine(options),
      });
      // A file may have been opened more than once: what was accepted last in it counts.
      const newest = new Map<string, string>();
      for (const [project, file] of life.places) {
        const last = life.accepted.get(project)?.at(-1);
        if (last !== undefined && numberOf(last) > numberOf(newest.get(file) ?? '')) newest.set(file, last);
      }
      for (const [file, title] of newest) {
        const { document } = await again.api.projects.open({ file });
        expect(document.title, file).toBe(title);
      }
      await again.close();
    }),
    { seed: 20, numRuns: 8 },
  );
});

function numberOf(title: string): number {
  return Number(/\d+$/.exec(title)?.[0] ?? -1);
}
