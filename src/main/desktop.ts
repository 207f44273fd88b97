/** The desktop app: Electron's main process. Built by `npm run build`; Electron runs out/main/desktop.js. */
import { join } from 'node:path';
import { builtParts, runDesktop } from './desktop/desktop-host.ts';
import { utilityEngine } from './desktop/engine-spawn.ts';
import { keychain } from './desktop/keychain.ts';
import { dataFolder } from './desktop/open-request.ts';
import { realElectron } from './desktop/real-electron.ts';
import { EngineClient } from './engine/client.ts';
import { versions } from './studio/project/history/versions.ts';
import { appFolders } from './studio/settings/app-folders.ts';
import { shownError } from './studio/shown-error.ts';
import { Studio } from './studio/studio.ts';

/** The repository's root; a packaged app's folder beside its archive. */
const root = realElectron.app.isPackaged ? process.resourcesPath : join(import.meta.dirname, '../..');
const folders = appFolders(join(root, 'resources'), dataFolder(process.argv, process.cwd()));
const spawn = utilityEngine(realElectron);

// Not awaited: Electron becomes ready only after this module has been evaluated.
runDesktop({
  electron: realElectron,
  openStudio: (host) =>
    new Studio({
      ...folders,
      host: {
        ...host,
        secrets: keychain(realElectron.safeStorage, join(folders.configFolder, 'secrets.json')),
        info: {
          host: 'desktop',
          versions: {
            ...versions(),
            Throughline: realElectron.app.getVersion(),
            Electron: process.versions.electron,
            Chromium: process.versions.chrome,
          },
          fallbackReason: null,
          platform: process.platform,
        },
      },
      startEngine: (options) => EngineClient.start({ ...options, spawn }),
      spawnTask: spawn,
      devices: (query, how) => EngineClient.devices({ ...query, spawn }, how),
    }),
  ...builtParts(import.meta.dirname),
  windowStateFile: join(realElectron.app.getPath('userData'), 'window.json'),
  licencesFile: join(root, 'THIRD_PARTY_LICENSES.txt'),
  documentsFolder: realElectron.app.getPath('documents'),
  platform: process.platform,
  argv: process.argv,
  workingFolder: process.cwd(),
}).catch((error) => {
  const { message, hint } = shownError(error);
  realElectron.dialog.showErrorBox('Throughline could not be opened', `${message}\n\n${hint}`);
  realElectron.app.exit(1);
});
