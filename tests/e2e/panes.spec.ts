import type { Locator, Page } from '@playwright/test';
import { expect, make, node, settledBox, shot, test, write } from './support/test.ts';

const monitor = (page: Page): Locator => page.locator('[data-player] canvas');
const inside = (inner: { x: number; y: number; width: number; height: number }, outer: typeof inner): boolean =>
  inner.x >= outer.x - 1 &&
  inner.y >= outer.y - 1 &&
  inner.x + inner.width <= outer.x + outer.width + 1 &&
  inner.y + inner.height <= outer.y + outer.height + 1;

/** Width by height of the tiny model's pictures. */
async function shape(page: Page): Promise<number> {
  const { width, height } = await settledBox(monitor(page));
  return width / height;
}

test('the picture keeps its shape and the story stays in sight, however the borders are dragged', async ({
  editor,
}) => {
  const { page, known } = editor;
  await write(editor, [shot('one', { chunks: 1 }), shot('two', { chunks: 1 })]);
  await make(editor, 'two');
  const { width, height } = known.model?.video ?? { width: 1, height: 1 };
  const border = page.getByRole('separator', { name: 'Height of the player' });
  const before = await settledBox(monitor(page));
  for (const to of [140, 700, 400]) {
    const { x, width: length } = await settledBox(border);
    await border.hover();
    await page.mouse.down();
    await page.mouse.move(x + length / 2, to, { steps: 6 });
    await page.mouse.up();
    expect(await shape(page)).toBeCloseTo(width / height, 1);
    expect(inside(await settledBox(monitor(page)), await settledBox(page.locator('[data-player]')))).toBe(true);
    const card = await settledBox(page.locator('[data-shot="one-shot"]'));
    const graph = await settledBox(page.locator('[data-graph]'));
    expect(card.y + card.height, `border at ${to}`).toBeGreaterThan(graph.y + 40);
    expect(card.y, `border at ${to}`).toBeLessThan(graph.y + graph.height - 30);
  }
  expect((await settledBox(monitor(page))).width).not.toBe(before.width);
});

test('the player is enlarged over the graph and closed by Escape; F fills the screen', async ({ editor }) => {
  const { page } = editor;
  await write(editor, [shot('one', { chunks: 1 })]);
  await make(editor, 'one');
  const small = await settledBox(monitor(page));
  await page.getByRole('button', { name: 'Enlarge over the graph' }).click();
  const large = await settledBox(monitor(page));
  expect(large.height).toBeGreaterThan(1.5 * small.height);
  expect(large.width / large.height).toBeCloseTo(small.width / small.height, 1);
  await page.keyboard.press('Escape');
  expect((await settledBox(monitor(page))).height).toBeCloseTo(small.height, 0);
  await page.getByRole('region', { name: 'Player' }).focus();
  await page.keyboard.press('f');
  await expect.poll(() => page.evaluate<boolean>('document.fullscreenElement !== null')).toBe(true);
  const full = await settledBox(monitor(page));
  expect(full.height).toBeGreaterThan(1.5 * small.height);
  await page.keyboard.press('f');
  await expect.poll(() => page.evaluate<boolean>('document.fullscreenElement === null')).toBe(true);
});

test('the queue is a drawer over the graph: the inspector stays, and Escape closes it', async ({ editor }) => {
  const { page } = editor;
  await write(editor, [shot('one', { chunks: 1 })]);
  await node(page, 'one').getByText('one', { exact: true }).click();
  await page.keyboard.press('Control+j');
  const queue = page.getByRole('region', { name: 'Queue' });
  await expect(queue).toBeVisible();
  await expect(page.getByLabel('Prompt', { exact: true })).toBeVisible();
  const drawer = await settledBox(queue);
  const inspector = await settledBox(page.locator('aside[data-pane=inspector]'));
  expect(drawer.x + drawer.width).toBeLessThanOrEqual(inspector.x + 1);
  await page.locator('[data-graph]').focus();
  await page.keyboard.press('Escape');
  await expect(queue).toBeHidden();
  await expect(page.getByLabel('Prompt', { exact: true })).toBeVisible(); // the selection was not taken away
});

for (const [width, height] of [
  [720, 450], // 1440 x 900 at 200 %
  [1280, 720],
] as const) {
  test(`everything can be reached at ${width}x${height}`, async ({ editor }) => {
    const { page } = editor;
    await page.setViewportSize({ width, height });
    await write(editor, [shot('one', { chunks: 2 }), shot('two', { chunks: 2 })]);
    await make(editor, 'two');
    await page.locator('[data-graph]').focus();
    await page.keyboard.press('Home');
    const window = { x: 0, y: 0, width, height };
    const reached: Record<string, Locator> = {
      card: page.locator('[data-shot="one-shot"]'),
      menu: page.getByRole('button', { name: 'Menu', exact: true }),
      undo: page.getByRole('button', { name: /^Undo|^Nothing to undo/ }),
      cut: page.getByRole('button', { name: /^Cut: / }),
      generate: page.getByRole('button', { name: 'Generate', exact: true }),
      branch: page.getByRole('button', { name: 'Branch', exact: true }),
      recall: page.getByRole('button', { name: /^Recall: / }),
      export: page.getByRole('button', { name: 'Export', exact: true }),
      play: page.getByRole('button', { name: 'Play', exact: true }),
      loop: page.getByRole('button', { name: 'Loop' }),
      fullScreen: page.getByRole('button', { name: 'Full screen' }),
      strip: page.getByRole('slider', { name: 'Place in the film' }),
      picture: monitor(page),
      fit: page.getByRole('button', { name: 'Fit the whole story' }),
    };
    for (const [name, locator] of Object.entries(reached)) {
      const box = await settledBox(locator);
      expect(inside(box, window), `${name} at ${JSON.stringify(box)}`).toBe(true);
    }
    await page.locator('[data-shot="one-shot"]').click();
    await expect(page.getByLabel('Prompt', { exact: true })).toBeInViewport();
  });
}
