import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type StudioConnection } from './connection.ts';
import { hostLink } from './host-link.ts';

const root = join(import.meta.dirname, '../../..');
/** Random weights, a few milliseconds a step: for tests of everything but the pictures. */
export const tinyModel = join(root, 'tests/fixtures/reference-small');
/** The model that comes with Throughline, with its words. */
export const builtInModel = join(root, 'resources/models/animatic');

export interface HostOptions {
  /** Everything the host writes; kept when it is stopped, so that another can go on from it. */
  readonly home: string;
  /** Null: the built-in model, as for a newcomer. */
  readonly model: string | null;
  /** The person's own folder; the one of whoever runs this unless given. */
  readonly userFolder?: string;
  /** Where it listens; any free port unless given. */
  readonly port?: string;
}

/** The browser host in a process of its own, as a person starts it. Owner: whoever started it; call {@link stop}. */
export class Host {
  readonly home: string;
  /** Good once. */
  readonly link: string;
  readonly #process: ChildProcess;

  private constructor(home: string, link: string, process: ChildProcess) {
    this.home = home;
    this.link = link;
    this.#process = process;
  }

  static async start({ home, model, userFolder, port = '0' }: HostOptions): Promise<Host> {
    if (model !== null) {
      mkdirSync(join(home, 'config'), { recursive: true });
      writeFileSync(join(home, 'config/settings.json'), JSON.stringify({ modelFolder: model }));
      // Not a first run: that would open the sample.
      const recent = join(home, 'config/recent.json');
      const old = [{ file: join(home, 'old.throughline'), title: 'Old', openedAt: '2026-01-01T00:00:00.000Z' }];
      if (!existsSync(recent)) writeFileSync(recent, JSON.stringify(old));
    }
    const child = spawn(
      process.execPath,
      [join(root, 'src/main/server.ts'), '--no-open', '--port', port, '--data', home],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: userFolder === undefined ? process.env : { ...process.env, HOME: userFolder },
      },
    );
    const link = await hostLink(child);
    return new Host(home, link, child);
  }

  get origin(): string {
    return new URL(this.link).origin;
  }

  get pid(): number {
    return this.#process.pid as number;
  }

  /** Process id of the engine; null while there is none. */
  get enginePid(): number | null {
    const lines = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' }).split('\n');
    for (const line of lines) {
      const [, pid, parent, args = ''] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
      if (Number(parent) === this.pid && args.includes('engine')) return Number(pid);
    }
    return null;
  }

  /** Uses up the link: a cookie for a browser, and the API for the test itself. */
  async enter(): Promise<StudioConnection> {
    return connect(this.link);
  }

  /** As a crash or a power cut would end it. */
  async kill(): Promise<void> {
    const engine = this.enginePid;
    const gone = this.#gone();
    this.#process.kill('SIGKILL');
    if (engine !== null) killIfThere(engine);
    await gone;
  }

  /** As a person ends it. Idempotent. */
  async stop(): Promise<void> {
    const gone = this.#gone();
    this.#process.kill('SIGTERM');
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), 15_000);
    await gone;
    clearTimeout(timer);
  }

  #gone(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return Promise.resolve();
    return new Promise((resolve) => this.#process.once('exit', () => resolve()));
  }
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {} // it ended by itself
}

/** A folder for one host, deleted by the function that is returned with it. */
export function temporaryHome(): { readonly home: string; readonly remove: () => void } {
  const home = mkdtempSync(join(tmpdir(), 'throughline-e2e-'));
  return { home, remove: () => rmSync(home, { recursive: true, force: true, maxRetries: 3 }) };
}
