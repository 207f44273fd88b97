import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/message-port';
import type { ContractRouterClient } from '@orpc/contract';
import { afterEach, expect } from 'vitest';
import { type DesktopOptions, runDesktop } from '../../src/main/desktop/desktop-host.ts';
import type { PortSurface } from '../../src/main/desktop/electron-surface.ts';
import { Studio } from '../../src/main/studio/studio.ts';
import type { contract } from '../../src/shared/api/contract.ts';
import { desktopChannels } from '../../src/shared/api/desktop-channels.ts';
import { FakeElectron, settled } from '../fakes/fake-electron.ts';
import { type NamingApi, namingApi } from '../naming-api.ts';

const folders: string[] = [];
/** Those that were opened in this test, the newest last. */
export const studios: Studio[] = [];

/** Holds sooner or later, on a busy machine too. */
export const eventually = <T>(value: () => T) => expect.poll(value, { timeout: 20_000 });

afterEach(async () => {
  for (const studio of studios.splice(0)) await studio.dispose();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** An app that has just been started. */
export async function start(change: Partial<DesktopOptions> = {}, electron = new FakeElectron()) {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-desktop-'));
  folders.push(folder);
  const at = (...names: string[]) => join(folder, ...names);
  mkdirSync(at('page', 'assets'), { recursive: true });
  writeFileSync(at('page', 'index.html'), '<!doctype html><title>page</title>');
  writeFileSync(at('page', 'assets', 'app.js'), 'start()');
  writeFileSync(at('secret.json'), '{}');
  const started = await runDesktop({
    electron,
    openStudio: (host) => {
      const info = { host: 'desktop', versions: {}, fallbackReason: null, platform: 'linux' } as const;
      const studio = new Studio({
        host: { ...host, info },
        configFolder: at('config'),
        cacheFolder: at('cache'),
        projectsFolder: at('projects'),
        modelsFolder: join(folder, 'models'),
        filmsFolder: at('films'),
        modelFolder: at('no-model'),
        sampleProjectFolder: at('sample'),
        sampleStory: at('sample.json'),
      });
      studios.push(studio);
      return studio;
    },
    pageFolder: at('page'),
    preload: at('preload.cjs'),
    windowStateFile: at('window.json'),
    licencesFile: at('THIRD_PARTY_LICENSES.txt'),
    documentsFolder: at('documents'),
    platform: 'linux',
    argv: ['/opt/throughline'],
    workingFolder: folder,
    ...change,
  });
  await settled();
  return { electron, started, at, load: (path: string, init?: RequestInit) => load(electron, path, init) };
}

/** The page loads something. */
async function load(electron: FakeElectron, url: string, init?: RequestInit): Promise<Response> {
  const handler = electron.session.schemes.get('throughline');
  if (!handler) throw new Error('the scheme is not served');
  return handler(new Request(url, init));
}

/** What the preload script does: asks for a port, and speaks the contract over it. */
export function connect(electron: FakeElectron): NamingApi<ContractRouterClient<typeof contract>> {
  const { webContents } = electron.window;
  electron.sendFromPage(desktopChannels.connect, { sender: webContents, senderFrame: webContents.mainFrame });
  const [port] = webContents.mainFrame.received.at(-1)?.ports ?? [];
  if (!port) throw new Error('no port was handed over');
  port.start();
  const client: ContractRouterClient<typeof contract> = createORPCClient(
    new RPCLink({ port: port as PortSurface & { on: never } }),
  );
  return namingApi(client, () => studios.at(-1)?.projects.current?.project.state ?? null);
}
