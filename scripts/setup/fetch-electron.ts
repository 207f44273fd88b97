/**
 * Fetches Electron's archive into its cache, telling its parent how far it is. A process of its own, so that one that
 * gets nothing any more can be ended. Electron's own installer finds the archive there and unpacks it.
 */
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const fromElectron = createRequire(createRequire(import.meta.url).resolve('electron/package.json'));
const { version } = fromElectron('./package.json') as { version: string };

interface Progress {
  readonly transferred: number;
  readonly total: number | null;
}
type Download = (details: Record<string, unknown>) => Promise<string>;

// A dependency of Electron's, not of ours: found from there.
const { downloadArtifact } = (await import(pathToFileURL(fromElectron.resolve('@electron/get')).href)) as {
  readonly downloadArtifact: Download;
};
await downloadArtifact({
  version,
  artifactName: 'electron',
  checksums: fromElectron('./checksums.json'),
  platform: process.env.npm_config_platform ?? process.platform,
  arch: process.env.npm_config_arch ?? process.arch,
  cacheRoot: process.env.electron_config_cache,
  downloadOptions: {
    quiet: true,
    getProgressCallback: async ({ transferred, total }: Progress) => {
      process.send?.({ transferred, total });
    },
  },
});
process.disconnect?.();
