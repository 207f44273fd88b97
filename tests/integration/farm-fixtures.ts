import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Queue } from 'bullmq';
import {
  Artifacts,
  looksOf,
  makeRuns,
  openArtifactStore,
  openFarm,
  type PlannedRun,
  parseQueueAddress,
  planRuns,
  queueNameOf,
  type RunCall,
  type TreeChunk,
} from '../../src/main/farm/index.ts';
import { type ChunkArtifact, latentsDigest } from '../../src/main/persistence/index.ts';
import { chunkKey } from '../../src/shared/keys.ts';
import type { ChunkRecipe, ModelInfo } from '../../src/shared/render.ts';
import { fakeInfo } from '../fakes/fake-engine.ts';

/** THROUGHLINE_TEST_QUEUE is a server to be tested with instead of the first that is found. */
const { THROUGHLINE_TEST_QUEUE: named } = process.env;
const binary = (named ? [named] : ['redis-server', 'valkey-server']).find((name) => {
  try {
    execFileSync(name, ['--version']);
    return true;
  } catch {
    return false;
  }
});
if (named && !binary) throw new Error(`THROUGHLINE_TEST_QUEUE names ${named}, which cannot be run.`);
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
  readonly #inside: readonly string[];
  #child: ChildProcess | null = null;

  private constructor(port: number, folder: string, settings: readonly string[], inside: readonly string[]) {
    this.port = port;
    this.#folder = folder;
    this.#settings = settings;
    this.#inside = inside;
    this.url = `redis://127.0.0.1:${port}?prefix=test`;
  }

  /**
   * @param persistent whether work outlives the server
   * @param settings more of the server's own
   * @param inside a command that starts it elsewhere, such as in a network of its own
   */
  static async start(
    folder: string,
    {
      persistent = false,
      settings = [],
      inside = [],
    }: { persistent?: boolean; settings?: readonly string[]; inside?: readonly string[] } = {},
  ): Promise<QueueServer> {
    const keep = persistent ? ['--appendonly', 'yes', '--appendfsync', 'always'] : ['--appendonly', 'no'];
    const place = mkdtempSync(join(folder, 'queue-'));
    const server = new QueueServer(await freePort(), place, [...keep, ...settings], inside);
    await server.start();
    return server;
  }

  async start(): Promise<void> {
    const [command = '', ...words] = [...this.#inside, binary ?? ''];
    const child = spawn(
      command,
      [
        ...words,
        '--port',
        `${this.port}`,
        '--bind',
        '127.0.0.1',
        '--dir',
        this.#folder,
        '--save',
        '',
        ...this.#settings,
      ],
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

/** The queue of a model's runs, for looking at it and for putting there what no client would. */
export function openQueue(url: string, model = fakeInfo): Queue {
  const [host, port] = new URL(url).host.split(':');
  const name = queueNameOf({ model, deviceClass: 'cpu-x64' });
  return new Queue(name, { connection: { host, port: Number(port) }, prefix: 'test' });
}

/** Entries are named by content, so that it never grows old. */
export const compiled = join(import.meta.dirname, '../../node_modules/.cache/farm-tests');

export type FakeEvent = {
  kind: string;
  replayed?: number;
  key?: string;
  source?: string;
  how?: string;
  text?: string;
  asset?: string;
  pixels?: string | null;
  message?: string;
};

/** A process that prints a line of JSON for everything that happens. */
export class ToldProcess {
  readonly events: FakeEvent[] = [];
  readonly child: ChildProcess;
  readonly exit: Promise<number | string | null>;
  readonly #watchers = new Set<() => void>();

  /** @param inside a command that starts it elsewhere, such as in a network of its own */
  constructor(
    script: string,
    options: object,
    { folder, inside = [], environment = {} }: { folder: string; inside?: readonly string[]; environment?: object },
  ) {
    const [command = '', ...words] = [...inside, process.execPath];
    this.child = spawn(
      command,
      [...words, join(import.meta.dirname, '../fakes', script), JSON.stringify({ ...options, folder })],
      // What the first has read of our code, the others need not read again, in no other test either.
      {
        stdio: ['pipe', 'pipe', 'inherit'],
        env: { ...process.env, NODE_COMPILE_CACHE: compiled, ...environment },
      },
    );
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
        if (this.count(kind) < count) return;
        this.#watchers.delete(look);
        resolve();
      };
      this.#watchers.add(look);
      look();
    });
  }

  count(kind: string): number {
    return this.events.filter((event) => event.kind === kind).length;
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.exit;
  }
}

export interface FakeWorkerOptions {
  readonly queue: string;
  readonly chunkMs: number;
  /** Its name; that of its machine and process where nothing is said. */
  readonly called?: string;
  readonly leaseMs?: number;
  /** How long it waits for what follows on its path. */
  readonly graceMs?: number;
  readonly digest?: string;
  /** Digests of several models; `digest` alone without them. */
  readonly models?: readonly string[];
  /** After how long with one model it gives way. */
  readonly turnMs?: number;
  readonly numericsVersion?: number;
  /** In the process; one where nothing is said. */
  readonly workers?: number;
  /** Else the folder `store` of the test. */
  readonly store?: string;
  /** A file: as long as it is there, chunks from the place in their story that it names are kept in hand. */
  readonly hold?: string;
}

/** A worker with the fake engine, in a process of its own. */
export class WorkerProcess extends ToldProcess {
  constructor(
    folder: string,
    name: string,
    options: FakeWorkerOptions,
    more: { inside?: readonly string[]; environment?: object } = {},
  ) {
    const cache = join(folder, `cache-${name}`);
    mkdirSync(cache, { recursive: true });
    super('farm-process.ts', { store: join(folder, 'store'), ...options, cache }, { folder, ...more });
  }

  /** Keys of chunks that were begun, each time they were. */
  get begun(): string[] {
    return this.events.flatMap(({ kind, key }) => (kind === 'making' && key ? [key] : []));
  }

  /** Chunks that were there and whose state had to be made again. */
  get replayed(): number {
    return this.events.reduce((sum, { replayed = 0 }) => sum + replayed, 0);
  }

  get made(): string[] {
    return this.events.flatMap(({ kind, source, key }) => (kind === 'chunk' && source === 'made' && key ? [key] : []));
  }
}

/**
 * A tree by the parent of each chunk: -1 for a root, else the index of one before it.
 * @param more of the recipe of each
 */
export function treeOf(
  parents: readonly number[],
  model = fakeInfo,
  more: (i: number) => Partial<ChunkRecipe> = () => ({}),
): TreeChunk[] {
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
      ...more(i),
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
  /** By asset, as the fake engine looks at it. */
  readonly pictures = new Map<string, Uint8Array>();
  readonly notes: string[] = [];
  /** Told of each chunk that it gets. */
  onChunk: (key: string) => void = () => {};
  readonly tree: readonly TreeChunk[];
  readonly model: ModelInfo;

  /** @param model that the tree is planned for */
  constructor(tree: readonly TreeChunk[], model = fakeInfo) {
    this.tree = tree;
    this.model = model;
  }

  async make(
    folder: string,
    queue: string,
    {
      signal,
      chunksAtMost = 2,
      patienceMs,
      store = join(folder, 'store'),
    }: { signal?: AbortSignal; chunksAtMost?: number; patienceMs?: number; store?: string } = {},
  ): Promise<void> {
    const identity = { model: this.model, deviceClass: 'cpu-x64' };
    const farm = await openFarm({
      address: parseQueueAddress(queue),
      identity,
      artifacts: new Artifacts(await openArtifactStore(store), identity),
      artifactOf: (key) => this.chunks.get(key) ?? null,
      pictures: { looks: looksOf(fakeInfo), pictureOf: async (asset) => this.pictures.get(asset) ?? null },
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
      onChunk: async ({ artifact }) => {
        this.chunks.set(artifact.key, artifact);
        this.onChunk(artifact.key);
      },
    };
  }
}
