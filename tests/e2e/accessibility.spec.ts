import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, make, node, shot, test, write } from './support/test.ts';

async function violations(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'])
    .analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(
      ({ id, nodes }) =>
        `${id}: ${nodes.map(({ html, any }) => `${html.slice(0, 160)} ${any[0]?.message ?? ''}`).join('\n   ')}`,
    );
}

for (const theme of ['dark', 'light'] as const) {
  test(`no screen has a serious violation, ${theme}`, async ({ editor }) => {
    test.setTimeout(120_000);
    const { page } = editor;
    await editor.api.settings.update({ theme });
    const found: Record<string, string[]> = {};
    const look = async (screen: string): Promise<void> => {
      const here = await violations(page);
      if (here.length > 0) found[screen] = here;
    };
    await look('empty graph');
    await write(editor, [shot('one'), shot('two', { transition: 'cut' }), shot('three', { transition: 'cut' })]);
    await make(editor, 'three');
    await node(page, 'three').getByText('three', { exact: true }).click();
    await page.getByLabel('Prompt', { exact: true }).fill('Stale now');
    await look('graph, shot and player');
    await page.keyboard.press('Escape');
    await node(page, 'two').getByRole('button', { name: 'Chunk 2 of 2, fresh' }).click();
    await page.getByRole('tab', { name: 'Memory' }).click();
    await expect(page.getByRole('region', { name: 'Why', exact: true })).toBeVisible();
    await look('memory');
    await page.getByRole('tab', { name: /Takes/ }).click();
    await look('takes');
    await page.keyboard.press('Control+j');
    await expect(page.getByRole('region', { name: 'Queue' })).toBeVisible();
    await look('queue');
    for (const [screen, keys] of [
      ['settings', 'Control+,'],
      ['export', 'Control+Shift+e'],
      ['palette', 'Control+k'],
      ['version', 'Control+s'],
    ] as const) {
      await page.keyboard.press(keys);
      await expect(page.getByRole('dialog')).toBeVisible();
      await look(screen);
      await page.keyboard.press('Escape');
      await expect(page.getByRole('dialog')).toBeHidden();
    }
    await editor.api.projects.close();
    await expect(page.getByRole('button', { name: 'New story' })).toBeVisible();
    await look('start');
    expect(found).toEqual({});
  });
}
