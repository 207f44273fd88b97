/** `npm run build`: the desktop app, built into out/. Needs no Electron; `npm run package` makes installers of it. */
import { join } from 'node:path';
import { buildDesktop } from './setup/build-desktop.ts';

await buildDesktop(join(import.meta.dirname, '../out'));
