import { type ChildProcess, fork } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, type StudioConnection } from '../tests/e2e/support/connection.ts';
import { hostLink } from '../tests/e2e/support/host-link.ts';
import type { LoopDelay } from './event-loop-probe.ts';

const root = join(import.meta.dirname, '..');

export interface ProbedHostOptions {
  /** Everything the host writes. */
  readonly home: string;
  readonly model: string;
  /** Opened at once; undefined: the sample, as for a newcomer. */
  readonly project?: string | undefined;
}

/** The browser host in a process of its own that says how its event loop fared. Owner: whoever started it. */
export class ProbedHost {
  readonly #process: ChildProcess;
  /** Good once. */
  readonly link: string;

  private constructor(process: ChildProcess, link: string) {
    this.#process = process;
    this.link = link;
  }

  static async start({ home, model, project }: ProbedHostOptions): Promise<ProbedHost> {
    mkdirSync(join(home, 'config'), { recursive: true });
    writeFileSync(join(home, 'config/settings.json'), JSON.stringify({ modelFolder: model }));
    const probe = new URL('./event-loop-probe.ts', import.meta.url).href;
    // What a browser may open lies in folders that the host was given.
    const folders = ['--folder', join(home, '..')];
    const args = ['--no-open', '--port', '0', '--data', home, ...folders, ...(project === undefined ? [] : [project])];
    const child = fork(join(root, 'src/main/server.ts'), args, {
      execArgv: ['--no-warnings', '--import', probe],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const link = await hostLink(child);
    return new ProbedHost(child, link);
  }

  get origin(): string {
    return new URL(this.link).origin;
  }

  enter(): Promise<StudioConnection> {
    return connect(this.link);
  }

  /** How the event loop fared during `work`. */
  async duringIts<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly delay: LoopDelay }> {
    this.#process.send('reset');
    const result = await work();
    const answer = new Promise<LoopDelay>((resolve) =>
      this.#process.once('message', (delay) => resolve(delay as LoopDelay)),
    );
    this.#process.send('delay');
    return { result, delay: await answer };
  }

  /** As a person ends it. */
  async stop(): Promise<void> {
    const gone = new Promise<void>((resolve) => this.#process.once('exit', () => resolve()));
    this.#process.kill('SIGTERM');
    await gone;
  }
}
