/**
 * `node scripts/bootstrap.mjs scripts/farm-screenshot.ts`: docs/screenshots/farm.jpg, the queue of the editor with two workers
 * that make branches of the sample story side by side. Needs redis-server or valkey-server. Arguments: a width and a height of
 * the window, `light`, and another file to write, for a look.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCanvas, loadImage } from '@napi-rs/canvas';
import { chromium, type Page } from 'playwright';
import { builtInModel, Host } from '../tests/e2e/support/host.ts';
import { noServer, QueueServer } from '../tests/integration/farm-fixtures.ts';
import { newShot } from '../tests/integration/studio-options.ts';
import { findBrowser } from './find-browser.ts';
import { ensureRenderer } from './setup/renderer.ts';

const root = join(import.meta.dirname, '..');
const [file = join(root, 'docs/screenshots/farm.jpg'), width = '1440', height = '900', theme = 'dark'] =
  process.argv.slice(2);
/** Other ways on from shots of the sample: by the shot that each follows. */
const branches = [
  ['sample-2', 'A yellow duck waves on the beach at sunset.'],
  ['sample-2', 'A purple bear stands in the meadow.'],
  ['sample-4', 'The red cat sits in the city at night.'],
  ['branch-0', 'The duck sits in the snow.'],
  ['branch-2', 'The red cat waves in the city.'],
] as const;
if (noServer) throw new Error(noServer);
ensureRenderer();

const folder = mkdtempSync(join(tmpdir(), 'throughline-farm-'));
const store = join(folder, 'store');
const home = join(folder, 'Throughline');
const server = await QueueServer.start(folder);
mkdirSync(join(home, 'config'), { recursive: true });
const settings = {
  version: 1,
  renderOn: 'farm',
  farm: { queue: server.url, store, deviceClass: null },
  theme,
  device: 'cpu',
};
writeFileSync(join(home, 'config/settings.json'), JSON.stringify(settings));

const workers = ['one', 'two'].map((name) => {
  const args = ['worker', '--queue', server.url, '--store', store, '--model', builtInModel, '--device', 'cpu'];
  args.push('--threads', '1', '--cache', join(folder, name));
  return spawn(process.execPath, [join(root, 'src/main/cli.ts'), ...args], { stdio: 'inherit' });
});
const host = await Host.start({ home, model: null, userFolder: folder });
const browser = await chromium.launch({
  executablePath: findBrowser(console.log).path,
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
});

/** Looks at the page, some 60 ms apart. */
const mostLooks = 1000;
let opened: Page | null = null;

async function keep(page: Page, place: string): Promise<void> {
  const picture = await loadImage(await page.screenshot({ animations: 'disabled' }));
  const canvas = createCanvas(picture.width, picture.height);
  canvas.getContext('2d').drawImage(picture, 0, 0);
  writeFileSync(place, await canvas.encode('jpeg', 86));
}

try {
  const connection = await host.enter();
  const context = await browser.newContext({ viewport: { width: Number(width), height: Number(height) } });
  await context.addCookies([connection.cookie]);
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  opened = page;
  await page.goto(host.origin);
  await page
    .getByText(/all fresh/)
    .first()
    .waitFor();
  await page.keyboard.press('Control+j');
  await page.getByRole('region', { name: 'Farm' }).getByText('waits for work').nth(1).waitFor();
  await connection.api.document.apply({
    commands: branches.map(([parent, prompt], i) => ({
      type: 'add-shot',
      parent,
      shot: newShot(prompt, 3, { id: `branch-${i}`, seed: 1, transition: 'cut' }),
    })),
    gesture: null,
  });
  await page.waitForTimeout(1000); // shots out of sight are not in the page
  await page.locator('[data-graph]').focus();
  await page.keyboard.press('Home');
  await connection.api.queue.generate({ shotIds: branches.map((_, i) => `branch-${i}`) });
  const pictures = page.getByRole('region', { name: 'Farm' }).locator('li[data-state=working] img');
  for (let look = 0; (await pictures.count()) < 2; look++) {
    if (look === mostLooks) throw new Error('Two workers were never seen at work with a picture each.');
    await page.waitForTimeout(50);
  }
  await keep(page, file);
  console.log(file);
} catch (error) {
  if (opened) await keep(opened, join(tmpdir(), 'farm-screenshot-failed.jpg'));
  throw error;
} finally {
  await browser.close();
  await host.stop();
  for (const worker of workers) worker.kill('SIGKILL');
  await server.kill();
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}
