import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { _electron, type ElectronApplication, type Page } from '@playwright/test';
import { electronBinary, whyNotHere } from '../../scripts/setup/desktop.ts';

const root = join(import.meta.dirname, '../..');

/** A host that the suite can run against. */
export type TestHost = { readonly name: 'browser' } | { readonly name: 'desktop'; readonly binary: string };

/** Why the desktop app cannot be tested here, in a sentence; null where it can. */
export function whyNoDesktop(): string | null {
  if (electronBinary() === null) {
    return 'The desktop app is not tested: Electron’s binary is not here (npx install-electron downloads it).';
  }
  return whyNotHere(process.platform, process.env);
}

/** The hosts to test here: the browser host always, the desktop app wherever Electron is; `say` hears why it is not. */
export function hostsToTest(say: (sentence: string) => void = console.log): readonly TestHost[] {
  const reason = whyNoDesktop();
  const binary = electronBinary();
  if (reason === null && binary !== null) return [{ name: 'browser' }, { name: 'desktop', binary }];
  say(reason ?? '');
  return [{ name: 'browser' }];
}

/** The built desktop app, as a new person has it. Owner: the test; call `close`. */
export interface DesktopApp {
  readonly app: ElectronApplication;
  readonly page: Page;
  /** Where this person's files are; projects may be put there. */
  readonly folder: string;
  /** Quits as a person does, and waits for it. */
  close(): Promise<void>;
}

/**
 * Starts the built desktop app (`npm run build`) with folders of its own.
 * @param args files to open
 * @throws Error where {@link whyNoDesktop} has a reason
 */
export async function launchDesktop(args: readonly string[] = []): Promise<DesktopApp> {
  const binary = electronBinary();
  if (binary === null) throw new Error(whyNoDesktop() ?? 'no Electron');
  const folder = mkdtempSync(join(tmpdir(), 'throughline-desktop-'));
  const app = await _electron.launch({
    executablePath: binary,
    args: [root, `--user-data-dir=${join(folder, 'electron')}`, `--data=${join(folder, 'data')}`, ...args],
  });
  return {
    app,
    page: await app.firstWindow(),
    folder,
    close: async () => {
      await app.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
