import type { Locator, Page } from 'playwright';
import type { StudioConnection } from '../tests/e2e/support/connection.ts';
import type { BigProject } from './big-project.ts';

/** Something a person does in the editor. */
export interface Gesture {
  readonly name: string;
  /** Brings the page to where it is done; not measured. */
  readonly prepare?: (page: Page) => Promise<void>;
  readonly act: (page: Page) => Promise<void>;
}

/** Between two movements of a hand, in milliseconds. */
const handMs = 16;
/** Between two keys: a quick typist. */
const keyMs = 60;
/** Until a view that moves by itself stands still. */
const settleMs = 700;
const enoughCommits = 8;

const graph = (page: Page): Locator => page.locator('[data-graph]');
const transport = (page: Page, name: string): Locator =>
  page.getByRole('toolbar', { name: 'Transport' }).getByRole('button', { name, exact: true });
const prompt = (page: Page): Locator => page.getByRole('textbox', { name: 'Prompt' });

async function middleOf(target: Locator): Promise<{ readonly x: number; readonly y: number }> {
  const box = await target.boundingBox();
  if (!box) throw new Error('It is out of sight');
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

async function overGraph(page: Page): Promise<void> {
  const { x, y } = await middleOf(graph(page));
  await page.mouse.move(x, y);
}

async function wheel(page: Page, times: number, dx: number, dy: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    await page.mouse.wheel(dx, dy);
    await page.waitForTimeout(handMs);
  }
}

async function zoom(page: Page, times: number, dy: number): Promise<void> {
  await page.keyboard.down('Control');
  await wheel(page, times, 0, dy);
  await page.keyboard.up('Control');
}

/** At 1:1, somewhere in the story; the way there is not measured. */
async function near(page: Page): Promise<void> {
  await page.keyboard.press('Control+0');
  await page.waitForTimeout(settleMs);
  await overGraph(page);
}

async function far(page: Page): Promise<void> {
  await graph(page).focus();
  await page.keyboard.press('Home');
  await page.waitForTimeout(settleMs);
  await overGraph(page);
}

const pan = async (page: Page): Promise<void> => {
  await wheel(page, 60, 60, 0);
  await wheel(page, 60, -60, 0);
};

/** A shot whose end lies in sight. */
async function shotInSight(page: Page): Promise<Locator> {
  const box = await graph(page).boundingBox();
  for (const shot of await page.locator('[data-shot]').all()) {
    const place = await shot.boundingBox();
    if (box && place && place.x > box.x + 40 && place.x + place.width < box.x + box.width - 250 && place.y > box.y + 60)
      return shot;
  }
  throw new Error('No shot is in sight');
}

async function dragBy(page: Page, from: { readonly x: number; readonly y: number }, pixels: number): Promise<void> {
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  for (const way of [1, -1]) {
    for (let i = 0; i < 40; i++) {
      const done = way > 0 ? i : 40 - i;
      await page.mouse.move(from.x + (done / 40) * pixels, from.y);
      await page.waitForTimeout(handMs);
    }
  }
  await page.mouse.up();
}

async function selectFirst(page: Page): Promise<void> {
  await near(page);
  await (await shotInSight(page)).locator('button[aria-pressed]').first().click();
  await prompt(page).waitFor();
  await page.waitForTimeout(settleMs);
}

/** In the order they are done. */
export const gestures: readonly Gesture[] = [
  { name: 'pan', prepare: near, act: pan },
  {
    name: 'zoom',
    prepare: near,
    act: async (page) => {
      await zoom(page, 40, 40);
      await zoom(page, 40, -40);
    },
  },
  {
    name: 'select (arrow keys)',
    prepare: selectFirst,
    act: async (page) => {
      await graph(page).focus();
      for (let i = 0; i < 40; i++) {
        await page.keyboard.press(i < 30 ? 'ArrowRight' : 'ArrowLeft');
        await page.waitForTimeout(keyMs);
      }
    },
  },
  {
    name: 'drag a length',
    prepare: selectFirst,
    act: async (page) => {
      const grip = (await shotInSight(page)).locator('[title="Drag to change the length"]');
      await dragBy(page, await middleOf(grip), 200);
    },
  },
  {
    name: 'drag a shot',
    prepare: near,
    act: async (page) => dragBy(page, await middleOf((await shotInSight(page)).locator('[title]').first()), 150),
  },
  {
    name: 'type in a prompt',
    prepare: selectFirst,
    act: async (page) => {
      await prompt(page).focus();
      await page.keyboard.press('End');
      await page.keyboard.type(' The red cat runs to the city in the snow.', { delay: keyMs });
      await page.waitForTimeout(settleMs);
    },
  },
  {
    name: 'undo and redo',
    prepare: async (page) => graph(page).focus(),
    act: async (page) => {
      for (const key of ['Control+z', 'Control+Shift+Z', 'Control+z', 'Control+Shift+Z']) {
        await page.keyboard.press(key);
        await page.waitForTimeout(settleMs);
      }
    },
  },
  {
    name: 'fit',
    prepare: near,
    act: async (page) => {
      await graph(page).focus();
      await page.keyboard.press('Home');
      await page.waitForTimeout(settleMs);
    },
  },
  { name: 'pan, fitted', prepare: far, act: pan },
  {
    name: 'play',
    prepare: near,
    act: async (page) => {
      await transport(page, 'Play').click();
      await page.waitForTimeout(3000);
      await transport(page, 'Pause').click();
    },
  },
];

/**
 * From pressing a key to the page showing what came of it, by the page's own clock, in milliseconds: undo goes to the
 * host and back.
 */
export async function undoTime(page: Page): Promise<number> {
  await page.evaluate(`{
    // Asked for again in every frame: an undo may put another field in its place.
    const written = () => document.querySelector('textarea')?.value;
    const before = written();
    let pressed = null;
    addEventListener('keydown', ({ key }) => { if (key === 'z') pressed ??= performance.now(); }, { capture: true });
    window.benchUndone = new Promise((resolve, reject) => {
      setTimeout(() => reject(new Error('nothing was undone')), 10_000);
      const look = () => (written() === before ? requestAnimationFrame(look) : resolve(performance.now() - pressed));
      look();
    });
    null; // not the promise, which evaluating would wait for
  }`);
  await page.keyboard.press('Control+z');
  return (await page.evaluate('benchUndone')) as number;
}

/** Types something that {@link undoTime} can take back. */
export async function typeSomething(page: Page): Promise<void> {
  await prompt(page).focus();
  await page.keyboard.press('End');
  await page.keyboard.type(' At night.', { delay: keyMs });
  await page.waitForTimeout(settleMs);
  await graph(page).focus();
}

/** Chunks are committed while the page shows where they appear; ends when enough are, with the rest cancelled. */
export async function generate(page: Page, { unmade }: BigProject, connection: StudioConnection): Promise<void> {
  const before = connection.known.chunks.size;
  const { jobId } = await connection.api.queue.generate({ shotIds: [unmade] });
  await transport(page, 'Play').click();
  await connection.until(({ chunks }) => chunks.size >= before + enoughCommits, 'chunks are committed');
  if (jobId) await connection.api.queue.cancel({ jobId });
  await transport(page, 'Pause').click();
}
