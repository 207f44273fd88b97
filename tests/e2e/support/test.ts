import { test as base, expect, type Locator, type Page } from '@playwright/test';
import type { ProjectShot } from '../../../src/shared/project/document.ts';
import { planProject } from '../../../src/shared/project/plan.ts';
import type { StudioConnection } from './connection.ts';
import { Host, temporaryHome, tinyModel } from './host.ts';

export { expect };

/** The editor with a new project open, on the tiny model unless a file asks for another. */
export interface Editor extends StudioConnection {
  readonly page: Page;
  readonly host: Host;
}

interface WorkerFixtures {
  /** Folder of the model that the editor has: `test.use({ model: builtInModel })` where words or pictures matter. */
  readonly model: string;
  readonly started: { readonly host: Host; readonly connection: StudioConnection };
}

/** `editor`: one host serves all tests of a file's worker, each with a project and a page of its own. */
export const test = base.extend<{ readonly editor: Editor }, WorkerFixtures>({
  model: [tinyModel, { option: true, scope: 'worker' }],
  started: [
    async ({ model }, use) => {
      const { home, remove } = temporaryHome();
      const host = await Host.start({ home, model });
      const connection = await host.enter();
      await use({ host, connection });
      connection.close();
      await host.stop();
      remove();
    },
    { scope: 'worker' },
  ],
  editor: async ({ started: { host, connection }, page, context }, use, info) => {
    await connection.api.settings.update({ theme: 'dark' });
    const { file } = await connection.api.projects.create({ title: info.title.slice(0, 60) });
    await connection.until(({ project, model }) => project?.file === file && model !== null, 'the project is open');
    await context.addCookies([connection.cookie]);
    await page.goto(host.origin);
    await expect(page.getByRole('application', { name: /Story graph/ })).toBeVisible();
    await use({ ...connection, page, host });
    // A test may end with another project than its own, or with none.
    await connection.api.projects.close().catch(() => {});
  },
});

/** A shot for a story that a test begins with. */
export function shot(id: string, own: Partial<ProjectShot> = {}): ProjectShot {
  return {
    ...{ id: `${id}-shot`, parent: null, name: id, prompt: `A red cat ${id}`, chunks: 2, seed: 1, seedLocked: false },
    ...{ transition: 'continue', memory: {}, held: null },
    ...own,
  };
}

/** Adds shots one after another, as a single step; the graph then shows them all and stands still. */
export async function write(
  editor: StudioConnection & { readonly page?: Page },
  shots: readonly ProjectShot[],
): Promise<void> {
  const commands = shots.map((made, i) => ({
    ...{ type: 'add-shot' as const, parent: made.parent ?? shots[i - 1]?.id ?? null, shot: made },
  }));
  await editor.api.document.apply({ commands, gesture: null });
  const last = shots.at(-1)?.id;
  await editor.until(
    ({ project }) => project?.document.shots.some(({ id }) => id === last) ?? false,
    'shots are there',
  );
  if (editor.page) await settledBox(editor.page.locator('[data-shot]').first());
}

/** Generates shots and waits until it is done. */
export async function make(editor: StudioConnection, ...ids: readonly string[]): Promise<void> {
  const { jobId } = await editor.api.queue.generate({ shotIds: ids.map((id) => `${id}-shot`) });
  await editor.until(({ jobs }) => jobs.find(({ id }) => id === jobId)?.state === 'done' || jobId === null, 'made');
}

/** Keys of a shot's chunks as the document and the model have them now. */
export function keysOf({ known }: StudioConnection, shotId: string): readonly (string | null)[] {
  if (!known.project || !known.model) throw new Error('No project, or no model');
  return planProject(known.project.document, known.model)
    .chunksOf(shotId)
    .map(({ key }) => key);
}

/** A shot in the graph, by its name. */
export function node(page: Page, name: string) {
  return page.locator('[data-shot]').filter({ has: page.getByText(name, { exact: true }) });
}

/** What the graph says of a shot's state. */
export async function expectState(page: Page, name: string, state: string): Promise<void> {
  await expect(node(page, name)).toHaveAttribute('data-state', state);
}

/** Waits until an animated view stands still, then says where something is. */
export async function settledBox(locator: Locator) {
  let before = '';
  let times = 0;
  let box = await locator.boundingBox();
  await expect
    .poll(
      async () => {
        box = await locator.boundingBox();
        const now = JSON.stringify(box);
        times = box !== null && now === before ? times + 1 : 0;
        before = now;
        return times >= 2;
      },
      { intervals: [120] },
    )
    .toBe(true);
  if (!box) throw new Error('It is out of sight');
  return box;
}
