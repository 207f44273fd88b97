import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A way to a server of this machine that can be cut: then nothing gets through, and neither side is told. */
export class CuttableWay {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isCut = false;

  private constructor(port: number) {
    this.#server = createServer((near) => {
      const far = connect(port, '127.0.0.1');
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(from);
        if (this.#isCut) from.pause();
        from.on('data', (data) => void to.write(data));
        from.on('error', () => {});
        from.on('close', () => {
          this.#sockets.delete(from);
          to.destroy();
        });
      }
    });
  }

  static async to(port: number): Promise<CuttableWay> {
    const way = new CuttableWay(port);
    await new Promise<void>((resolve) => way.#server.listen(0, '127.0.0.1', resolve));
    return way;
  }

  get url(): string {
    return `redis://127.0.0.1:${(this.#server.address() as AddressInfo).port}?prefix=test`;
  }

  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.pause();
  }

  /**
   * Lets through what waits.
   * @param remembers else what was connected before stays silent for ever, as behind a firewall that was restarted
   */
  mend(remembers = true): void {
    this.#isCut = false;
    if (remembers) for (const socket of this.#sockets) socket.resume();
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }
}

const run = (...[command = '', ...words]: string[]): void => void execFileSync(command, words, { stdio: 'ignore' });

/** Why tests with networks of their own are left out; null where they can be made. */
export const noNetworks = ((): string | null => {
  try {
    run('unshare', '-n', 'ip', 'link', 'set', 'lo', 'up');
    return null;
  } catch {
    return 'networks of their own need root, and: apt-get install iproute2 util-linux';
  }
})();

/** Two networks of the kernel with one cable between them. What is in one reaches the other by nothing else. */
export class TwoNetworks {
  /** Where the second is, as the first sees it. */
  readonly address = '10.213.7.2';
  readonly #holders: readonly ChildProcess[];

  private constructor(holders: readonly ChildProcess[]) {
    this.#holders = holders;
  }

  static async make(): Promise<TwoNetworks> {
    // A network is there for as long as somebody is in it.
    const holders = [0, 1].map(() =>
      spawn('unshare', ['-n', 'sh', '-c', 'echo in; exec sleep 600'], { stdio: ['ignore', 'pipe', 'inherit'] }),
    );
    await Promise.all(holders.map(({ stdout }) => new Promise((resolve) => stdout.once('data', resolve))));
    const both = new TwoNetworks(holders);
    both.#ip(0, 'link', 'add', 'cable', 'type', 'veth', 'peer', 'name', 'cable', 'netns', `${holders[1]?.pid}`);
    for (const which of [0, 1] as const) {
      both.#ip(which, 'address', 'add', `10.213.7.${which + 1}/24`, 'dev', 'cable');
      both.#ip(which, 'link', 'set', 'lo', 'up');
      both.#ip(which, 'link', 'set', 'cable', 'up');
    }
    return both;
  }

  /** What starts a command in one of them. */
  inside(which: 0 | 1): string[] {
    return ['nsenter', '-t', `${this.#holders[which]?.pid}`, '-n'];
  }

  cut(): void {
    this.#ip(1, 'link', 'set', 'cable', 'down');
  }

  mend(): void {
    this.#ip(1, 'link', 'set', 'cable', 'up');
  }

  remove(): void {
    for (const holder of this.#holders) holder.kill('SIGKILL');
  }

  #ip(which: 0 | 1, ...words: string[]): void {
    run(...this.inside(which), 'ip', ...words);
  }
}
