/** `npm run electron`: downloads Electron for the desktop app, also where that failed lately. `npm start` does it too. */
import { electronBinary } from './setup/desktop.ts';
import { downloadElectron } from './setup/electron-download.ts';

const reason = electronBinary() === null ? await downloadElectron({ again: true }) : null;
console.log(reason ?? `Electron is at ${electronBinary()}`);
process.exitCode = reason === null ? 0 : 1;
