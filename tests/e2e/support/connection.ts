import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import type { ContractRouterClient } from '@orpc/contract';
import { WebSocket } from 'ws';
import type { contract } from '../../../src/shared/api/contract.ts';
import type {
  ChunkSummary,
  EngineState,
  ExportState,
  Job,
  ProjectState,
  StudioEvent,
} from '../../../src/shared/api/types.ts';
import type { Take } from '../../../src/shared/project/document.ts';
import type { ModelInfo } from '../../../src/shared/render.ts';
import { type NamingApi, namingApi } from '../../naming-api.ts';

/** What the calls are made for is filled in, as a page does. */
export type Api = NamingApi<ContractRouterClient<typeof contract>>;

/** What the studio has said, newest of each. */
export interface Known {
  project: ProjectState | null;
  readonly chunks: Map<string, ChunkSummary>;
  takes: readonly Take[];
  jobs: readonly Job[];
  paused: boolean;
  /** The model that is loaded now; null while none is. */
  model: ModelInfo | null;
  engine: EngineState | null;
  /** Why the studio says nothing any more; null while it does. */
  ended: string | null;
  readonly notices: string[];
  readonly previews: Set<string>;
  readonly exports: Map<string, ExportState>;
}

/** The API as a browser has it, and the cookie that lets one in. Close it when done. */
export interface StudioConnection {
  readonly api: Api;
  readonly known: Known;
  readonly cookie: { readonly name: string; readonly value: string; readonly url: string };
  /** Settles once `is` holds; fails after a minute. */
  readonly until: (is: (known: Known) => boolean, what?: string) => Promise<void>;
  readonly close: () => void;
}

const longestWaitMs = 60_000;

/** Exchanges a link for a cookie, as the browser does, and opens the API. */
export async function connect(link: string): Promise<StudioConnection> {
  const answer = await fetch(link);
  const [pair = ''] = (answer.headers.get('set-cookie') ?? '').split(';');
  const at = pair.indexOf('=');
  if (at < 0) throw new Error(`The link was refused: ${answer.status}`);
  const { origin } = new URL(link);
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/api`, { headers: { cookie: pair, origin } });
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  const client: ContractRouterClient<typeof contract> = createORPCClient(new RPCLink({ websocket: socket as never }));
  const api: Api = namingApi(client, () => known.project);
  const known: Known = {
    ...{ project: null, chunks: new Map(), takes: [], jobs: [], paused: false, model: null, engine: null, ended: null },
    ...{ notices: [], previews: new Set(), exports: new Map() },
  };
  const listeners = new Set<() => void>();
  void follow(api, known, () => {
    for (const listener of listeners) listener();
  });
  return {
    api,
    known,
    cookie: { name: pair.slice(0, at), value: pair.slice(at + 1), url: origin },
    until: (is, what = String(is)) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          if (!is(known)) return;
          clearTimeout(timer);
          listeners.delete(check);
          resolve();
        };
        const timer = setTimeout(() => {
          listeners.delete(check);
          reject(new Error(`Waited for a minute in vain: ${what}; ${told(known)}`));
        }, longestWaitMs);
        listeners.add(check);
        check();
      }),
    close: () => socket.terminate(),
  };
}

/** What one must know to see why something did not come. */
function told({ project, chunks, jobs, engine, notices, ended }: Known): string {
  const { state, ...rest } = engine ?? { state: 'unknown' };
  return JSON.stringify({
    project: project?.file,
    chunks: [...chunks.keys()].map((key) => key.slice(0, 12)),
    jobs,
    engine: state === 'ready' ? state : { state, ...rest },
    notices,
    ended,
  });
}

async function follow(api: Api, known: Known, changed: () => void): Promise<void> {
  try {
    for await (const event of await api.events()) {
      fold(known, event);
      changed();
    }
  } catch (error) {
    known.ended = String(error); // nearly always: the host was stopped
  }
}

function fold(known: Known, event: StudioEvent): void {
  switch (event.type) {
    case 'project':
      if (event.project?.id !== known.project?.id) {
        known.chunks.clear();
        known.previews.clear();
      }
      known.project = event.project;
      return;
    case 'chunks':
      for (const key of event.removed) known.chunks.delete(key);
      for (const chunk of event.added) known.chunks.set(chunk.key, chunk);
      return;
    case 'takes':
      known.takes = event.takes;
      return;
    case 'queue':
      known.jobs = event.queue.jobs;
      known.paused = event.queue.paused;
      return;
    case 'preview':
      known.previews.add(event.chunkKey);
      return;
    case 'engine':
      known.engine = event.engine;
      known.model = event.engine.state === 'ready' ? event.engine.info : null;
      return;
    case 'export':
      known.exports.set(event.export.id, event.export);
      return;
    case 'notice':
      known.notices.push(`${event.message} ${event.hint}`);
      return;
    case 'settings':
      return;
  }
}
