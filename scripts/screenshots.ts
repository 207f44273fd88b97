/**
 * `npm run screenshots`: pictures of every main screen, taken from the real editor on the sample project, for the README
 * and docs/. Arguments: names of the pictures to take again.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { createCanvas, loadImage } from '@napi-rs/canvas';
import { chromium, type Locator, type Page } from 'playwright';
import { Host } from '../tests/e2e/support/host.ts';
import { holdAfterPreview } from '../tests/e2e/support/preview-hold.ts';
import { findBrowser } from './find-browser.ts';
import { ensureRenderer } from './setup/renderer.ts';

const root = join(import.meta.dirname, '..');
const folder = join(root, 'docs/screenshots');
const size = { width: 1440, height: 900 };
const largestBytes = 200_000;
/** Tried in turn until a picture is small enough. */
const jpegQualities = [92, 86, 80, 72];
const withoutFilm: ReadonlySet<string> = new Set(['start']);
const wanted = process.argv.slice(2);

/** PNG where there is no film in the picture, else JPEG: by name, so that what shows it need not change. */
async function keep(name: string, png: Buffer): Promise<void> {
  const file = join(folder, `${name}.${withoutFilm.has(name) ? 'png' : 'jpg'}`);
  let bytes = png;
  if (!withoutFilm.has(name)) {
    const picture = await loadImage(png);
    const canvas = createCanvas(picture.width, picture.height);
    canvas.getContext('2d').drawImage(picture, 0, 0);
    for (const quality of jpegQualities) {
      bytes = await canvas.encode('jpeg', quality);
      if (bytes.length <= largestBytes) break;
    }
  }
  writeFileSync(file, bytes);
  console.log(`${relative(root, file)}  ${(bytes.length / 1000).toFixed(0)} kB`);
}

async function take(name: string, page: Page, part?: Locator): Promise<void> {
  if (wanted.length > 0 && !wanted.includes(name)) return;
  await page.mouse.move(size.width - 5, 70);
  await page.waitForTimeout(600); // pictures are decoded, notices gone
  await keep(name, await (part ?? page).screenshot({ animations: 'disabled' }));
}

/** The first chunk of a shot, by the beginning of its prompt, with the Memory tab open. */
async function openMemory(page: Page, prompt: string): Promise<void> {
  const shot = page.locator('[data-shot]').filter({ hasText: prompt }).first();
  await shot.getByRole('button', { name: /^Chunk 1 of/ }).click();
  await page.getByRole('tab', { name: 'Memory' }).click();
  await page.getByRole('region', { name: 'Why', exact: true }).waitFor();
}

async function screens(page: Page, release: () => void): Promise<void> {
  await page
    .getByText(/all fresh/)
    .first()
    .waitFor({ timeout: 60_000 });
  await page.locator('[data-graph]').focus();
  await page.keyboard.press('Home');
  await page.waitForTimeout(500);
  const main = page.locator('[data-shot]').filter({ hasText: 'Back in the meadow' }).first();
  // A fitted story shows cards as pictures; only whole cards name their chunks.
  await page.keyboard.press('Control+k');
  await page.getByPlaceholder('Do something, or go to a shot').fill('Back in the meadow');
  await page.keyboard.press('Enter');
  while ((await page.locator('[data-shot]').first().getAttribute('data-level')) !== 'whole') {
    await page.getByRole('button', { name: 'Zoom in' }).click();
    await page.waitForTimeout(500);
  }
  await main.getByRole('button', { name: 'Chunk 2 of 3, fresh' }).click();
  await take('graph', page);

  await openMemory(page, 'Back in the meadow');
  await take('memory', page);
  for (const [name, title] of [
    ['why', 'Why'],
    ['heatmap', 'Layers × frames'],
    ['activation', 'Sparse activation'],
    ['bank-flow', 'Bank flow over this cut'],
  ] as const) {
    const section = page.getByRole('region', { name: title, exact: true });
    await section.scrollIntoViewIfNeeded();
    await section.evaluate('(element) => element.scrollIntoView({ block: "start" })').catch(() => {});
    await take(name, page);
  }

  await page.getByRole('tab', { name: 'Shot' }).click();
  await page
    .getByRole('separator', { name: 'Height of the player' })
    .focus()
    .catch(() => {});
  const player = page.getByRole('region', { name: 'Player' }).last();
  await player.focus();
  await page.keyboard.press('Home');
  for (let i = 0; i < 5; i++) await page.keyboard.press('Shift+ArrowRight');
  await take('player', page, page.locator('[data-pane=player]'));

  await page.getByRole('tab', { name: /Takes/ }).click();
  await page.getByRole('button', { name: 'New take' }).click();
  await page.locator('[data-shot][data-state=generating]').first().waitFor({ timeout: 60_000 });
  await page.locator('[data-shot] button[data-state=generating] img').first().waitFor();
  await take('generating', page);
  release();
  await page
    .getByText('2', { exact: true })
    .first()
    .waitFor({ timeout: 120_000 })
    .catch(() => {});
  await page.getByRole('tabpanel').getByRole('listitem').nth(1).waitFor({ timeout: 120_000 });
  await page.getByText('Queue', { exact: true }).first().waitFor({ timeout: 120_000 });
  await take('takes', page);
  await page.locator('[data-graph]').focus();
  await page.keyboard.press('Control+z');
  await page
    .getByText(/all fresh/)
    .first()
    .waitFor();

  await page.keyboard.press('Control+Shift+E');
  await page.getByText('Every shot is fresh.').waitFor();
  await take('export', page);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+k');
  await page.getByPlaceholder('Do something, or go to a shot').fill('Compare memories…');
  await page.keyboard.press('Enter');
  const compared = page.getByRole('dialog', { name: 'Compare memories' });
  await compared.getByRole('button', { name: /^All \d+$/ }).click();
  const memories = await compared.getByRole('checkbox', { checked: true }).count();
  await compared.getByRole('button', { name: 'Compare', exact: true }).click();
  const fidelity = compared.getByRole('row', { name: /^Return, PSNR/ });
  const last = fidelity.getByText(/dB$/).nth(memories - 1);
  await last.waitFor({ timeout: 1_800_000 });
  await compared.getByRole('slider', { name: 'Time' }).press('End'); // back where the film began
  await take('compare', page);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+,');
  await page.getByRole('dialog').waitFor();
  await page.getByRole('dialog').locator('option[value=webgpu]').waitFor({ state: 'attached' });
  await take('settings', page);
  await page.keyboard.press('Escape');
}

ensureRenderer();
mkdirSync(folder, { recursive: true });
// Its path is in the pictures, where `~` stands for the folder it is in.
const userFolder = mkdtempSync(join(tmpdir(), 'throughline-screenshots-'));
const host = await Host.start({ home: join(userFolder, 'Throughline'), model: null, userFolder });
const browser = await chromium.launch({
  executablePath: findBrowser(console.log).path,
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
});
try {
  const page = await browser.newPage({ viewport: size });
  page.setDefaultTimeout(60_000);
  const release = await holdAfterPreview(page);
  await page.goto(host.link);
  await screens(page, release);
  await page.getByRole('button', { name: 'Menu', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Close the project' }).click();
  await page.getByRole('button', { name: 'New story' }).waitFor();
  await take('start', page);
} finally {
  await browser.close();
  await host.stop();
  rmSync(userFolder, { recursive: true, force: true });
}
