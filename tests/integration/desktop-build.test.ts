// The desktop app as it is built: that the preload script is one a sandbox can load, and that the main script runs.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildDesktop } from '../../scripts/setup/build-desktop.ts';

const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'throughline-build-'));
const out = (...names: string[]) => join(folder, 'out', ...names);

beforeAll(async () => {
  await buildDesktop(out());
  // Packages are not bundled: the built scripts find them as a packaged app's do, in a folder outwards.
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the preload script is CommonJS, of one file, and asks for Electron alone', () => {
  expect(readdirSync(out('preload'))).toEqual(['preload.cjs']);
  const script = readFileSync(out('preload', 'preload.cjs'), 'utf8');
  expect(script).not.toMatch(/^\s*(import|export)\s/m);
  const required: string[] = [];
  const exposed: Record<string, unknown> = {};
  const sent: unknown[] = [];
  const listeners = new Map<string, (...args: unknown[]) => void>();
  const electron = {
    contextBridge: { exposeInMainWorld: (name: string, api: unknown) => Object.assign(exposed, { [name]: api }) },
    ipcRenderer: {
      on: (channel: string, listener: (...args: unknown[]) => void) => listeners.set(channel, listener),
      send: (...args: unknown[]) => sent.push(args),
    },
    webUtils: { getPathForFile: (file: { path: string }) => file.path },
  };
  const window = {
    origin: 'throughline://app',
    posted: [] as unknown[],
    addEventListener: (event: string, listener: (...args: unknown[]) => void) => listeners.set(event, listener),
    postMessage: (...args: unknown[]) => window.posted.push(args),
  };
  const require = (name: string) => {
    required.push(name);
    return electron;
  };
  const document = { activeElement: { tagName: 'BODY', getAttribute: () => null } };
  runInNewContext(script, { require, window, document, process: { platform: 'linux' }, exports: {}, module: {} });

  expect(required).toEqual(['electron']);
  expect(Object.keys(exposed)).toEqual(['throughlineDesktop']);
  const bridge = exposed.throughlineDesktop as {
    onCommand(listener: (command: string) => void): void;
    pathForFile(file: { path: string }): string;
  };
  expect(Object.keys(bridge).toSorted()).toEqual(['onCommand', 'pathForFile', 'platform']);
  expect(bridge.pathForFile({ path: '/films/a.throughline' })).toBe('/films/a.throughline');

  // Only the page itself may ask for a port, and gets exactly the one that came.
  listeners.get('message')?.({ source: {}, data: 'throughline-ready' });
  expect(sent).toEqual([]);
  listeners.get('message')?.({ source: window, data: 'throughline-ready' });
  expect(sent).toEqual([['throughline:connect']]);
  listeners.get('throughline:port')?.({ ports: ['the port'] });
  expect(window.posted).toEqual([['throughline-port', 'throughline://app', ['the port']]]);

  const commands: string[] = [];
  bridge.onCommand((command) => commands.push(command));
  const command = (name: unknown) => listeners.get('throughline:command')?.({}, name);
  command('undo');
  command('no such command');
  document.activeElement = { tagName: 'TEXTAREA', getAttribute: () => null };
  command('undo');
  command('fit');
  expect(commands).toEqual(['undo', 'fit']);
  expect(sent.slice(1)).toEqual([['throughline:undo-text']]);
});

test('the engine and the project’s thread lie beside the main script, as they are looked for', () => {
  for (const script of [
    'desktop.js',
    'engine-process.js',
    'project-file-thread.js',
    'picture-thread.js',
    'conversion-thread.js',
  ]) {
    expect(existsSync(out('main', script)), script).toBe(true);
  }
  const scripts = readdirSync(out('main')).map((name) => readFileSync(out('main', name), 'utf8'));
  for (const name of ['better-sqlite3', 'onnxruntime-node']) {
    expect(
      scripts.some((script) => script.includes(`from "${name}"`)),
      `${name} is not bundled`,
    ).toBe(true);
  }
});

test('the main script runs up to its window, serves the page, and quits', async () => {
  const app = spawn(
    process.execPath,
    [
      '--no-warnings',
      '--import',
      join(root, 'tests/fakes/electron-module-hook.mjs'),
      out('main', 'desktop.js'),
      `--data=${join(folder, 'data')}`,
    ],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const exited = once(app, 'exit');
  const [line] = await Promise.race([once(createInterface(app.stdout), 'line'), exited]);
  const report = JSON.parse(String(line));
  expect(report).toMatchObject({
    url: 'throughline://app/',
    preload: out('preload', 'preload.cjs'),
    status: 200,
    errors: [],
  });
  expect(report.html).toContain('<div id="root">');
  app.stdin.end('quit\n');
  expect(await exited).toEqual([0, null]);
});
