import { join } from 'node:path';
import { build as buildElectronSide } from 'electron-vite';
import { build as buildPage } from 'vite';

const root = join(import.meta.dirname, '../..');

/** Builds the desktop app: main, preload and renderer folders within `folder`, absolute. */
export async function buildDesktop(folder: string): Promise<void> {
  await buildElectronSide({ root, logLevel: 'error', build: { outDir: folder, emptyOutDir: true } });
  const page = join(root, 'src/renderer');
  await buildPage({
    root: page,
    configFile: join(page, 'vite.config.ts'),
    logLevel: 'error',
    build: { outDir: join(folder, 'renderer'), emptyOutDir: true },
  });
}
