/**
 * `npm run package`: installers of the desktop app for the system it runs on, in dist/ (docs/packaging.md).
 *
 *   npm run package                     what electron-builder.yml names for this system
 *   npm run package -- --linux deb      electron-builder's own options
 *   npm run package -- --dry-run        everything but Electron itself, into a folder; needs no download
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listedPackages } from './licences/licence-text.ts';
import { shippedPackages } from './licences/shipped-packages.ts';
import { shippedRoots } from './licences/shipped-roots.ts';
import { buildDesktop } from './setup/build-desktop.ts';
import { ensurePackagingTools, packagingFolder } from './setup/packaging-tools.ts';

const root = join(import.meta.dirname, '..');
const read = (file: string): string => readFileSync(join(root, file), 'utf8');

const shipped = shippedPackages(JSON.parse(read('package-lock.json')), shippedRoots(root));
if (shipped.join() !== listedPackages(read('THIRD_PARTY_LICENSES.txt')).join()) {
  console.error('THIRD_PARTY_LICENSES.txt does not list what is shipped; run: npm run licenses');
  process.exit(1);
}
ensurePackagingTools();
await buildDesktop(join(root, 'out'));
const args = process.argv.slice(2);
process.exitCode = args.includes('--dry-run')
  ? dryRun()
  : electronBuilder(['--config', 'electron-builder.yml', ...publisher(args), ...args]);

/** What a deb must name. Where it is not known, only the other Linux target is made, unless targets were asked for. */
function publisher(asked: readonly string[]): string[] {
  const { THROUGHLINE_HOMEPAGE: homepage, THROUGHLINE_MAINTAINER: maintainer } = process.env;
  if (homepage && maintainer) return [`-c.extraMetadata.homepage=${homepage}`, `-c.linux.maintainer=${maintainer}`];
  if (process.platform !== 'linux' || asked.length > 0) return [];
  console.log(
    'No deb is made: it names a homepage and a maintainer. Set THROUGHLINE_HOMEPAGE and THROUGHLINE_MAINTAINER.',
  );
  return ['--linux', 'AppImage'];
}

function electronBuilder(args: readonly string[]): number {
  const cli = join(packagingFolder, 'node_modules/electron-builder/cli.js');
  const run = spawnSync(process.execPath, [cli, '--project', root, '--publish', 'never', ...args], {
    cwd: root,
    stdio: 'inherit',
  });
  return run.status ?? 1;
}

/** Packs the app around a stand-in for Electron: all of the configuration is used but its fuses and installers. */
function dryRun(): number {
  if (process.platform !== 'linux') {
    console.error('A dry run knows the files of Electron for Linux only.');
    return 1;
  }
  const folder = mkdtempSync(join(tmpdir(), 'throughline-package-'));
  try {
    const standIn = join(folder, 'electron');
    mkdirSync(join(standIn, 'resources'), { recursive: true });
    mkdirSync(join(standIn, 'locales'));
    for (const name of ['electron', 'chrome-sandbox', 'chrome_crashpad_handler']) {
      writeFileSync(join(standIn, name), '#!/bin/sh\n');
      chmodSync(join(standIn, name), 0o755);
    }
    for (const name of ['LICENSE', 'LICENSES.chromium.html', 'version']) writeFileSync(join(standIn, name), '');
    const config = join(folder, 'electron-builder.yml');
    writeFileSync(config, read('electron-builder.yml').replace(/^electronFuses:\n(?: .*\n)+/m, ''));
    return electronBuilder(['--linux', 'dir', '--config', config, `-c.electronDist=${standIn}`]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
