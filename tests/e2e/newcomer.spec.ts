import type { Locator } from '@playwright/test';
import { verifyFilm } from '../../src/main/export/index.ts';
import { readySample } from '../../src/main/studio/project/sample-project.ts';
import { appFolders } from '../../src/main/studio/settings/app-folders.ts';
import { Host, temporaryHome } from './support/host.ts';
import { holdAfterPreview } from './support/preview-hold.ts';
import { expect, test } from './support/test.ts';

const mostActions = 8;

test('a newcomer reaches a generated, branched, exported film in eight actions', async ({ page }) => {
  const { sampleProjectFolder, modelFolder } = appFolders();
  expect(await readySample(sampleProjectFolder, modelFolder), 'out of date: npm run make:sample').not.toBeNull();
  const { home, remove } = temporaryHome();
  const host = await Host.start({ home, model: null });
  const release = await holdAfterPreview(page);
  await page.goto(host.link);
  const actions: string[] = [];
  const press = async (name: string, what: Locator): Promise<void> => {
    await what.click();
    actions.push(`press ${name}`);
  };
  const fresh = page.locator('[data-shot] button[data-state=fresh]');

  // The first run opens the sample, ready to play.
  await expect(page.getByText('There and back').or(page.getByLabel('Project title')).first()).toBeVisible();
  await expect(
    page
      .getByRole('region', { name: 'Player' })
      .getByText(/all fresh/)
      .first(),
  ).toBeVisible();
  const before = await fresh.count();
  await press('Branch after chunk 1', page.getByRole('button', { name: 'Branch after chunk 1' }).first());
  await expect(page.getByLabel('Prompt', { exact: true })).toBeFocused();
  await page.keyboard.type('The red cat jumps in the meadow.');
  actions.push('type a prompt');
  await press('Generate', page.getByRole('button', { name: 'Generate', exact: true }));
  // The player stands on the new chunk and shows it coming out of the noise; so does its clip.
  await page.getByAltText('Being made: The red cat jumps in the meadow.').waitFor();
  await page.locator('[data-pane=player] [data-kind=coming] img').first().waitFor();
  release();
  await expect(
    page
      .getByRole('region', { name: 'Player' })
      .getByText(/all fresh/)
      .first(),
  ).toBeVisible({ timeout: 90_000 });
  expect(await fresh.count()).toBeGreaterThan(before);
  await press('Export', page.getByRole('button', { name: 'Export', exact: true }));
  const dialog = page.getByRole('dialog', { name: 'Export' });
  await expect(dialog).toContainText('Every shot is fresh.');
  await press('Export, in the dialog', dialog.getByRole('button', { name: /^Export|^Write/ }));
  const download = dialog.getByRole('button', { name: 'Download' });
  await expect(download).toBeVisible({ timeout: 60_000 });
  const [file] = await Promise.all([page.waitForEvent('download'), press('Download', download)]);

  expect(actions.length, actions.join(', ')).toBeLessThanOrEqual(mostActions);
  const film = await verifyFilm(await file.path());
  // The first chunk of a story has 9 frames, every other 12; 8 a second.
  expect(film.frameCount).toBe(9 + 12 + 12);
  expect(film.durationSec).toBeCloseTo(film.frameCount / 8, 3);
  expect(film.height).toBe(720);
  expect(film.codec).toMatch(/^avc1/);
  expect(film.isFastStart).toBe(true);
  await host.stop();
  remove();
});
