/**
 * Finds a Chromium for the end-to-end suite: an installed one (Chromium, Chrome, Edge), else Playwright's own
 * download, else the distribution's package where this user may install it.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright';

export interface FoundBrowser {
  readonly path: string;
  /** Where it comes from, for a person: `Chromium of this system`. */
  readonly origin: string;
}

const programs: readonly { readonly name: string; readonly label: string }[] = [
  { name: 'chromium', label: 'Chromium' },
  { name: 'chromium-browser', label: 'Chromium' },
  { name: 'google-chrome', label: 'Chrome' },
  { name: 'google-chrome-stable', label: 'Chrome' },
  { name: 'microsoft-edge', label: 'Edge' },
];

const bundles: readonly { readonly path: string; readonly label: string }[] = [
  { path: '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome', label: 'Chrome' },
  { path: '/Applications/Chromium.app/Contents/MacOS/Chromium', label: 'Chromium' },
  { path: '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge', label: 'Edge' },
  {
    path: join(process.env.PROGRAMFILES ?? 'C:\\Program Files', 'Google', 'Chrome', 'Application', 'chrome.exe'),
    label: 'Chrome',
  },
  {
    path: join(
      process.env['PROGRAMFILES(X86)'] ?? 'C:\\Program Files (x86)',
      'Microsoft',
      'Edge',
      'Application',
      'msedge.exe',
    ),
    label: 'Edge',
  },
];

/** An installed browser, without installing anything; null if there is none. */
export function installedBrowser(searchPath = process.env.PATH ?? ''): FoundBrowser | null {
  const folders = searchPath.split(delimiter).filter(Boolean);
  for (const { name, label } of programs) {
    const path = folders.map((folder) => join(folder, name)).find((candidate) => existsSync(candidate));
    if (path) return { path, origin: `${label} of this system` };
  }
  const bundle = searchPath === (process.env.PATH ?? '') ? bundles.find(({ path }) => existsSync(path)) : undefined;
  if (bundle) return { path: bundle.path, origin: `${bundle.label} of this system` };
  return null;
}

function playwrightBrowser(): FoundBrowser | null {
  const path = chromium.executablePath();
  return existsSync(path) ? { path, origin: "Playwright's own Chromium" } : null;
}

/**
 * @param say told what is being installed
 * @throws Error with {@link noBrowser}
 */
export function findBrowser(say: (line: string) => void): FoundBrowser {
  const found = installedBrowser() ?? playwrightBrowser();
  if (found) return found;
  say('No browser found: trying to download one for the tests ...');
  const cli = join(import.meta.dirname, '..', 'node_modules', 'playwright', 'cli.js');
  spawnSync(process.execPath, [cli, 'install', 'chromium-headless-shell', 'chromium'], {
    stdio: 'inherit', // it shows how far it is
    timeout: 300_000,
  });
  const downloaded = playwrightBrowser();
  if (downloaded) return downloaded;
  if (process.platform === 'linux' && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    say("It cannot be downloaded here: installing the distribution's chromium ...");
    spawnSync('apt-get', ['update', '-qq'], { stdio: 'ignore', timeout: 300_000 });
    spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], {
      stdio: 'ignore',
      timeout: 600_000,
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
    const installed = installedBrowser();
    if (installed) return { ...installed, origin: `${installed.origin}, just installed` };
  }
  throw new Error(noBrowser(process.platform));
}

/** What is said where there is no browser, and none could be installed. */
export function noBrowser(platform: NodeJS.Platform): string {
  const how =
    platform === 'linux'
      ? 'sudo apt-get install chromium, or: npx playwright install chromium'
      : 'npx playwright install chromium';
  return [
    'The end-to-end tests need a browser. None was found, and none could be downloaded.',
    `Install Chromium, Chrome or Edge, for example with: ${how}`,
    'Without one, everything else is checked by: npm run types, npm run lint, npm run unit',
  ].join('\n');
}
