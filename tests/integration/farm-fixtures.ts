import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import {
  Artifacts,
  makeRuns,
  openArtifactStore,
  openFarm,
  type PlannedRun,
  parseQueueAddress,
  planRuns,
  type RunCall,
  type TreeChunk,
} from '../../src/main/farm/index.ts';
import { type ChunkArtifact, latentsDigest } from '../../src/main/persistence/index.ts';
import { chunkKey } from '../../src/shared/keys.ts';
import { fakeInfo } from '../fakes/fake-engine.ts';

const binary = ['redis-server', 'valkey-server'].find((name) => {
  try {
    execFileSync(name, ['--version']);
    return true;
  } catch {
    return false;
  }
});
/** Why tests with a real server are left out; null where there is one. */
export const noServer = binary ? null : 'install a server first: apt-get install redis-server (or valkey-server)';

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A real server of queues on a free port of this machine, which keeps its data in a folder of the test. */
export class QueueServer {
  readonly url: string;
  readonly port: number;
  readonly #folder: string;
  readonly #settings: readonly string[];
  #child: ChildProcess | null = null;

  private constructor(port: number, folder: string, settings: readonly string[]) {
    this.port = port;
    this.#folder = folder;
    this.#settings = settings;
    this.url = `redis://127.0.0.1:${port}?prefix=test`;
  }

  /**
   * @param persistent whether work outlives the server
   * @param settings more of the server's own
   */
  static async start(
    folder: string,
    { persistent = false, settings = [] }: { persistent?: boolean; settings?: readonly string[] } = {},
  ): Promise<QueueServer> {
    const keep = persistent ? ['--appendonly', 'yes', '--appendfsync', 'always'] : ['--appendonly', 'no'];
    const server = new QueueServer(await freePort(), mkdtempSync(join(folder, 'queue-')), [...keep, ...settings]);
    await server.start();
    return server;
  }

  async start(): Promise<void> {
    const child = spawn(
      binary ?? '',
      ['--port', `${this.port}`, '--bind', '127.0.0.1', '--dir', this.#folder, '--save', '', ...this.#settings],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    this.#child = child;
    await new Promise<void>((resolve, reject) => {
      child.once('exit', () => reject(new Error('the server ended')));
      createInterface({ input: child.stdout }).on('line', (line) => {
        if (line.includes('Ready to accept connections')) resolve();
      });
    });
  }

  /** Ends it at once, as a power cut would. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }
}

export type FakeEvent = { kind: string; key?: string; source?: string; how?: string; text?: string };

/** A worker with the fake engine, in a process of its own. */
export class WorkerProcess {
  readonly events: FakeEvent[] = [];
  readonly child: ChildProcess;
  readonly exit: Promise<number | string | null>;
  readonly #watchers = new Set<() => void>();

  constructor(
    folder: string,
    name: string,
    options: { queue: string; chunkMs: number; leaseMs?: number; digest?: string },
  ) {
    const cache = join(folder, `cache-${name}`);
    mkdirSync(cache, { recursive: true });
    const script = join(import.meta.dirname, '../fakes/farm-process.ts');
    const argument = JSON.stringify({ ...options, store: join(folder, 'store'), cache });
    this.child = spawn(process.execPath, [script, argument], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.exit = new Promise((resolve) => this.child.once('exit', (code, signal) => resolve(signal ?? code)));
    createInterface({ input: this.child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
      this.events.push(JSON.parse(line));
      for (const look of this.#watchers) look();
    });
  }

  /** Waits until so many events of a kind have been told. */
  until(kind: string, count = 1): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (this.events.filter((event) => event.kind === kind).length < count) return;
        this.#watchers.delete(look);
        resolve();
      };
      this.#watchers.add(look);
      look();
    });
  }

  get made(): string[] {
    return this.events.flatMap(({ kind, source, key }) => (kind === 'chunk' && source === 'made' && key ? [key] : []));
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.exit;
  }
}

/** A tree by the parent of each chunk: -1 for a root, else the index of one before it. */
export function treeOf(parents: readonly number[], model = fakeInfo): TreeChunk[] {
  const tree: TreeChunk[] = [];
  for (const [i, parent] of parents.entries()) {
    const before = tree[parent];
    const recipe = {
      chunkIndex: before ? before.recipe.chunkIndex + 1 : 0,
      prompt: `chunk ${i}`,
      seed: i,
      transition: 'continue' as const,
      sampler: model.sampler,
      memory: model.memory,
    };
    const parentKey = before?.key ?? null;
    tree.push({ key: chunkKey({ parentKey, model, recipe }), parentKey, recipe });
  }
  return tree;
}

/** A prefix, and branches of the same length that leave from its end. */
export function broom(prefix: number, branches: number, length: number): TreeChunk[] {
  const parents = Array.from({ length: prefix }, (_, i) => i - 1);
  for (let branch = 0; branch < branches; branch++)
    for (let i = 0; i < length; i++) parents.push(i === 0 ? prefix - 1 : parents.length - 1);
  return treeOf(parents);
}

/** Whoever wants a tree, with nothing but memory to keep chunks in. */
export class Client {
  readonly chunks = new Map<string, ChunkArtifact>();
  readonly notes: string[] = [];
  readonly tree: readonly TreeChunk[];

  constructor(tree: readonly TreeChunk[]) {
    this.tree = tree;
  }

  async make(
    folder: string,
    queue: string,
    { signal, chunksAtMost = 2, patienceMs }: { signal?: AbortSignal; chunksAtMost?: number; patienceMs?: number } = {},
  ): Promise<void> {
    const identity = { model: fakeInfo, deviceClass: 'cpu-x64' };
    const farm = await openFarm({
      address: parseQueueAddress(queue),
      identity,
      artifacts: new Artifacts(await openArtifactStore(join(folder, 'store')), identity),
      artifactOf: (key) => this.chunks.get(key) ?? null,
      onNote: (text) => void this.notes.push(text),
      ...(patienceMs === undefined ? {} : { patienceMs }),
    });
    try {
      const runs = planRuns(this.tree, (key) => this.chunks.has(key), { identity, chunksAtMost });
      await makeRuns({ runs, worker: farm, callFor: (run) => this.#call(run), ...(signal ? { signal } : {}) });
    } finally {
      await farm.dispose();
    }
  }

  #call(run: PlannedRun): RunCall {
    const byKey = new Map(this.tree.map((chunk) => [chunk.key, chunk]));
    return {
      ancestors: () => {
        const path: TreeChunk[] = [];
        for (let at = byKey.get(run.parentKey ?? ''); at; at = byKey.get(at.parentKey ?? '')) path.push(at);
        return path.reverse();
      },
      digestOf: (key) => {
        const chunk = this.chunks.get(key);
        return chunk ? latentsDigest(chunk.latents) : null;
      },
      onChunk: async ({ artifact }) => void this.chunks.set(artifact.key, artifact),
    };
  }
}
