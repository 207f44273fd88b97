import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { installedBrowser, noBrowser } from './find-browser.ts';

test('an installed browser is found on the search path, and only there', () => {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-browser-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  expect(installedBrowser(folder)).toBeNull();
  const program = join(folder, 'google-chrome');
  writeFileSync(program, '');
  chmodSync(program, 0o755);
  expect(installedBrowser(['/nowhere', folder].join(delimiter))).toEqual({
    path: program,
    origin: 'Chrome of this system',
  });
});

test('without one it is said what to install, and what can be checked all the same', () => {
  for (const platform of ['linux', 'darwin', 'win32'] as const) {
    const lines = noBrowser(platform).split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[1]).toContain('npx playwright install chromium');
    expect(lines[1]?.includes('apt-get')).toBe(platform === 'linux');
    expect(lines[2]).toContain('npm run unit');
  }
});
