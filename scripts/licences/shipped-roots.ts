import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { importedPackages } from './shipped-packages.ts';

/** Source that is in no packaged app. */
const unshipped = /\.test\.tsx?$|\.config\.ts$|\.d\.ts$|^src[\\/]renderer[\\/]dev[\\/]/;

/**
 * The packages that a packaged app begins with: the dependencies, which are packed as they are, and what the page, its
 * preload script and the main process import besides, which is bundled. Electron is the app's runtime.
 * @param root the repository's, absolute
 */
export function shippedRoots(root: string): readonly string[] {
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const sources = globSync('src/**/*.{ts,tsx,css}', { cwd: root }).filter((file) => !unshipped.test(file));
  const imported = sources.flatMap((file) => {
    const text = readFileSync(join(root, file), 'utf8');
    return file.endsWith('.css') ? packagesOfStyles(text) : importedPackages(text);
  });
  // Only its licence: what it needs to be downloaded is not in the app.
  return [...new Set([...Object.keys(dependencies), ...imported])].filter((name) => name !== 'electron').sort();
}

function packagesOfStyles(css: string): readonly string[] {
  const imports = [...css.matchAll(/@import\s+(?:url\()?["']([^"']+)["']/g)].map(([, file]) => `import '${file}'`);
  return importedPackages(imports.join('\n'));
}
