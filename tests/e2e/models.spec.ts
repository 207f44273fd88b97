import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { verifyFilm } from '../../src/main/export/index.ts';
import { tinyDownloads } from '../fakes/tiny-downloads.ts';
import { Host, temporaryHome } from './support/host.ts';
import { expect, test } from './support/test.ts';
import { violations } from './support/violations.ts';

const mostActions = 6;

/** What axe has to say of the Models window as it stands, in both themes. */
async function violationsInBoth(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const theme of ['light', 'dark']) {
    await page.evaluate(`document.documentElement.dataset.theme = '${theme}'`);
    found.push(...(await violations(page, { withMessages: false })));
  }
  return found;
}

test('files downloaded for another tool become a film in six actions', async ({ page }) => {
  test.slow();
  const { home, remove } = temporaryHome();
  const files = tinyDownloads(join(home, 'ComfyUI'));
  writeFileSync(join(files, 'config.json'), JSON.stringify({ _class_name: 'CausalWanModel', num_heads: 2 }));
  writeFileSync(join(files, 'login.pt'), '<!doctype html><html>Log in</html>');
  const host = await Host.start({ home, model: join(import.meta.dirname, '../fixtures/reference-small') });
  await page.goto(host.link);
  const actions: string[] = [];
  const press = async (name: string, what: Locator): Promise<void> => {
    await what.click();
    actions.push(`press ${name}`);
  };
  const dialog = page.getByRole('dialog', { name: 'Models' });

  await press('Models', page.getByRole('button', { name: 'Models', exact: true }));
  expect(await violationsInBoth(page)).toEqual([]);
  await dialog.getByLabel('Folder or file').fill(files);
  await page.keyboard.press('Enter');
  actions.push('type the folder');
  const found = dialog.getByRole('list', { name: 'Files that were found' });
  await expect(found.getByText('generator, 2 layers of 24')).toBeVisible();
  await expect(found.getByText(/web page/)).toBeVisible();
  expect(await violationsInBoth(page)).toEqual([]);
  // Not of the way, which goes with the size that is offered: small pictures are made in a fraction of the time.
  await dialog.getByLabel('Frame size').selectOption('256x160');
  await press('Import', dialog.getByRole('button', { name: 'Import', exact: true }));
  await expect(dialog.getByText('memflow is ready to be used.')).toBeVisible({ timeout: 90_000 });
  for (const part of ['On this machine', 'Get a model']) {
    // Looked at only: the way does not lead here.
    await dialog.getByRole('radio', { name: part }).click();
    await expect(dialog.getByRole('list', { name: /^(Models on this machine|Published models)$/ })).toBeVisible();
    expect(await violationsInBoth(page), part).toEqual([]);
  }
  await page.keyboard.press('Escape');
  actions.push('close the window');
  await press('a small story', page.getByRole('region', { name: 'Stories to begin from' }).getByRole('button').first());
  await press('Generate', page.getByRole('button', { name: 'Generate', exact: true }));
  const player = page.getByRole('region', { name: 'Player' });
  await expect(player.getByText(/all fresh/).first()).toBeVisible({ timeout: 300_000 });
  expect(actions.length, actions.join(', ')).toBeLessThanOrEqual(mostActions);

  // And what was made is a film.
  await page.getByRole('button', { name: 'Export', exact: true }).click();
  const exporting = page.getByRole('dialog', { name: 'Export' });
  await exporting.getByRole('button', { name: /^Export|^Write/ }).click();
  const download = exporting.getByRole('button', { name: 'Download' });
  await expect(download).toBeVisible({ timeout: 120_000 });
  const [file] = await Promise.all([page.waitForEvent('download'), download.click()]);
  expect((await verifyFilm(await file.path())).frameCount).toBeGreaterThan(0);
  await host.stop();
  remove();
});
