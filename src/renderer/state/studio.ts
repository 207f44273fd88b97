import { create } from 'zustand';
import type {
  ChunkSummary,
  EngineState,
  ExportState,
  FarmState,
  HostInfo,
  ProjectState,
  QueueState,
  Settings,
  StudioEvent,
} from '../../shared/api/types.ts';
import type { Asset } from '../../shared/assets/asset.ts';
import type { ShownError } from '../../shared/errors.ts';
import type { ModelJob } from '../../shared/models.ts';
import type { ProjectDocument, Take } from '../../shared/project/document.ts';
import { atStorySize, modelOfStory } from '../../shared/project/model-of-story.ts';
import type { ModelInfo } from '../../shared/render.ts';
import { api, connect, isRefused } from './client.ts';
import { foldInFrames } from './fold-events.ts';
import { rebase, shareUnchanged } from './pending.ts';
import { aboutModel, notify, settle } from './toasts.ts';

/** What is being made right now, as a picture: a data URL of a few frames, one below the other. */
export interface Preview {
  readonly step: number;
  readonly image: string;
}

/** The studio as this window knows it. Only the event stream and optimistic commands write to it. */
export interface StudioState {
  /** `refused`: the studio answers, but knows this window no more. */
  readonly connection: 'connecting' | 'open' | 'lost' | 'refused';
  readonly host: HostInfo | null;
  /** True once the event stream has said which project is open (or that none is). */
  readonly known: boolean;
  /** As the studio has it. */
  readonly project: ProjectState | null;
  /** The project's document with the commands on their way already applied: what the interface shows. */
  readonly document: ProjectDocument | null;
  readonly chunks: ReadonlyMap<string, ChunkSummary>;
  readonly takes: readonly Take[];
  /** Files that belong to the project, by their digest. */
  readonly assets: ReadonlyMap<string, Asset>;
  readonly queue: QueueState;
  /** By chunk key. */
  readonly previews: ReadonlyMap<string, Preview>;
  readonly engine: EngineState;
  /** The model loaded now or last. */
  readonly loaded: ModelInfo | null;
  /**
   * The model that keys are computed with and pictures are shown for: the story's, as far as it is known; of a story that
   * names none, and without one, the model loaded now or last.
   */
  readonly model: ModelInfo | null;
  readonly settings: Settings | null;
  readonly farm: FarmState;
  readonly exports: ReadonlyMap<string, ExportState>;
  /** Work at models, oldest first. */
  readonly modelJobs: readonly ModelJob[];
}

const nothingYet = {
  known: false,
  project: null,
  document: null,
  chunks: new Map<string, ChunkSummary>(),
  takes: [],
  assets: new Map<string, Asset>(),
  queue: { paused: false, jobs: [] },
  previews: new Map<string, Preview>(),
  exports: new Map<string, ExportState>(),
  modelJobs: [],
} satisfies Partial<StudioState>;

export const useStudio = create<StudioState>(() => ({
  ...nothingYet,
  connection: 'connecting',
  host: null,
  engine: { state: 'off' },
  loaded: null,
  model: null,
  settings: null,
  farm: { state: 'off' },
}));

/** Why the open project can only be looked at; null where it can be changed, or none is open. */
export function useReadOnly(): ShownError | null {
  return useStudio((state) => state.project?.readOnly ?? null);
}

/** The new one; the one there is where they say the same, so that nothing is planned again for it. */
function sameModel(before: ModelInfo | null, now: ModelInfo | null): ModelInfo | null {
  return JSON.stringify(before) === JSON.stringify(now) ? before : now;
}

/** The pictures of chunks that are being made; others are over. */
function stillMade(previews: StudioState['previews'], { jobs }: QueueState): StudioState['previews'] {
  if (previews.size === 0) return previews;
  const keys = new Set(jobs.flatMap(({ now, besides = [] }) => [now, ...besides].map((one) => one?.chunkKey)));
  return new Map([...previews].filter(([key]) => keys.has(key)));
}

/** The model of the state; the object it has already where that says the same. */
function modelNow(state: Pick<StudioState, 'document' | 'engine' | 'loaded' | 'model' | 'project'>): ModelInfo | null {
  const { document, engine, loaded, project } = state;
  const named = document?.model ?? null;
  // Until one is loaded, the results of a story are judged by the one it was last open with: nothing is stale for that.
  const there = engine.state === 'ready' || named ? loaded : null;
  const maker = { model: named, frameSize: document?.frameSize ?? null };
  const last = named || !loaded ? null : atStorySize(loaded, maker.frameSize);
  return sameModel(state.model, modelOfStory(maker, there, project?.model ?? null) ?? last);
}

/** Shows another document, with the model that it names. */
export function showDocument(document: ProjectDocument): void {
  useStudio.setState((state) =>
    document.model === state.document?.model && document.frameSize === state.document?.frameSize
      ? { document }
      : { document, model: modelNow({ ...state, document }) },
  );
}

/** Folds one event into the state. Pure. */
export function reduceEvent(state: StudioState, event: StudioEvent): Partial<StudioState> {
  switch (event.type) {
    case 'project': {
      const other = event.project?.id !== state.project?.id;
      const { project } = event;
      const fresh = other
        ? { chunks: nothingYet.chunks, takes: [], assets: nothingYet.assets, previews: nothingYet.previews }
        : {};
      const document = project ? shareUnchanged(other ? null : state.document, rebase(project)) : null;
      return { ...fresh, known: true, project, document, model: modelNow({ ...state, project, document }) };
    }
    case 'chunks': {
      const chunks = new Map(state.chunks);
      for (const key of event.removed) chunks.delete(key);
      for (const chunk of event.added) chunks.set(chunk.key, chunk);
      const previews = new Map(state.previews);
      for (const chunk of event.added) previews.delete(chunk.key);
      return { chunks, previews };
    }
    case 'takes':
      return { takes: event.takes };
    case 'assets':
      return { assets: new Map(event.assets.map((asset) => [asset.id, asset])) };
    case 'queue': {
      const previews = stillMade(state.previews, event.queue);
      return { queue: event.queue, ...(previews.size < state.previews.size ? { previews } : {}) };
    }
    case 'preview':
      return { previews: new Map(state.previews).set(event.chunkKey, { step: event.step, image: event.image }) };
    case 'engine': {
      const { engine } = event;
      const loaded = engine.state === 'ready' ? engine.info : state.loaded;
      return { engine, loaded, model: modelNow({ ...state, engine, loaded }) };
    }
    case 'settings':
      return { settings: event.settings };
    case 'farm':
      return { farm: event.farm };
    case 'model-jobs':
      return { modelJobs: event.jobs };
    case 'export':
      return { exports: new Map(state.exports).set(event.export.id, event.export) };
    case 'notice':
      return {};
  }
}

/** Keeps this window connected for its whole life: connects, follows the events, and begins again when that ends. */
export async function followStudio(signal: AbortSignal): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    try {
      const { closed } = await connect();
      useStudio.setState({ ...nothingYet, host: await api.host(), connection: 'open' });
      failures = 0;
      await Promise.race([closed, followEvents(signal)]);
    } catch (error) {
      if (failures === 0) console.warn('Connection to the studio:', error);
    }
    failures++;
    useStudio.setState({ connection: (await isRefused()) ? 'refused' : 'lost' });
    await new Promise((resolve) => setTimeout(resolve, Math.min(5000, 250 * 2 ** failures)));
  }
}

async function followEvents(signal: AbortSignal): Promise<void> {
  const folded = foldInFrames((events) => {
    const state = { ...useStudio.getState() };
    for (const event of events) Object.assign(state, reduceEvent(state, event));
    useStudio.setState(state);
  });
  for await (const event of await api.events(undefined, { signal })) {
    if (event.type === 'notice') notify({ ...event, about: 'studio' });
    else folded(event);
    // What the studio had to say of its engine is over when that works.
    const works =
      event.type === 'engine' ? event.engine.state === 'ready' : event.type === 'chunks' && event.added.length > 0;
    if (works) settle('studio');
    if (event.type === 'engine' && event.engine.state === 'ready') settle(aboutModel);
  }
}
