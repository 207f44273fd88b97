// The real desktop app, where Electron's binary is: that its window opens, that the API answers, and that it is locked.
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { buildDesktop } from '../../scripts/setup/build-desktop.ts';
import { type DesktopApp, launchDesktop, whyNoDesktop } from './hosts.ts';

const reason = whyNoDesktop();
if (reason !== null) console.log(reason);
test.skip(reason !== null, reason ?? '');

let desktop: DesktopApp;

test.beforeAll(async () => {
  await buildDesktop(join(import.meta.dirname, '../../out'));
  desktop = await launchDesktop();
});
test.afterAll(() => desktop?.close());

test('the window opens on the app’s page, and the API answers', async () => {
  const { app, page } = desktop;
  expect(page.url()).toBe('throughline://app/');
  await expect(page.locator('#root > *').first()).toBeVisible();
  // The versions in the About box come over the API.
  await app.evaluate(({ Menu }) => {
    const help = Menu.getApplicationMenu()?.items.flatMap((menu) => menu.submenu?.items ?? []) ?? [];
    help.find(({ label }) => label === 'About Throughline')?.click();
  });
  await expect(page.getByText('Electron', { exact: true })).toBeVisible();
  await page.keyboard.press('Escape');
});

/** Runs in the page, of whose libraries this file knows nothing. */
const attempts = `(async () => {
  const works = (attempt) => attempt.then(() => true, () => false);
  return {
    node: [typeof require, typeof process],
    opened: window.open('https://example.com/') !== null,
    fetched: await works(fetch('https://example.com/')),
    outside: (await fetch('/..%2f..%2fpackage.json')).status,
    camera: await works(navigator.mediaDevices.getUserMedia({ video: true })),
    evaluated: await works((async () => eval('1'))()),
  };
})()`;

test('the page has no Node, no way out and no permission', async () => {
  const { app, page } = desktop;
  expect(await page.evaluate(attempts)).toEqual({
    node: ['undefined', 'undefined'],
    opened: false,
    fetched: false,
    outside: 404,
    camera: false,
    evaluated: false,
  });
  await page.evaluate("location.assign('https://example.com/')");
  expect(page.url()).toBe('throughline://app/');
  expect(await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1);
});
