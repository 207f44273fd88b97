import type { FarmPlace, FarmState, FarmTrial, FarmWorkerState, Settings } from '../../../shared/api/types.ts';
import { ThroughlineError, throwIfCancelled } from '../../../shared/errors.ts';
import type { ChunkPhase, ModelInfo } from '../../../shared/render.ts';
import {
  type BucketKeys,
  deviceClassOf,
  type FarmWatch,
  type MakerIdentity,
  type PicturesHere,
  parseQueueAddress,
  type QueueAddress,
  queueNameOf,
  type SeenWorker,
  watchFarm,
} from '../../farm/index.ts';
import type { EventHub } from '../event-hub.ts';
import type { MakingListener, Workplace } from '../generation/workplace.ts';
import type { OpenProject } from '../project/open-project.ts';
import { shownError } from '../shown-error.ts';
import type { FarmBucketKeys } from './bucket-keys.ts';
import { type FarmPassword, splitPassword } from './farm-password.ts';
import { toldInEditor } from './farm-words.ts';
import { openFarmWorkplace } from './farm-workplace.ts';
import { tryFarm } from './try-farm.ts';
import { newlyLost, workerStates } from './worker-states.ts';

export interface FarmDeskOptions {
  readonly settings: () => Settings;
  readonly password: FarmPassword;
  readonly bucketKeys: FarmBucketKeys;
  readonly hub: EventHub;
  /** The model that is loaded, else the open project's; null where neither is known. */
  readonly model: () => ModelInfo | null;
  /** A project's pictures, as this model looks at them. */
  readonly picturesOf: (project: OpenProject, model: ModelInfo) => PicturesHere;
  /** A server that says nothing for so long is gone, in milliseconds. */
  readonly patienceMs?: number | undefined;
}

/** Between two looks at the workers, in milliseconds. */
const lookEveryMs = 1000;
/** Between two attempts to reach a farm that could not be reached, in milliseconds. */
const tryAgainMs = 5000;
/** A connection that is broken for so long is said, in milliseconds. */
const brokenMs = 3000;
/** Pictures that are read at a look. */
const mostPreviews = 32;

/** The farm of the settings: who works there is watched as long as it renders, and projects have their chunks made there. */
export class FarmDesk {
  readonly #options: FarmDeskOptions;
  readonly #listeners = new Set<MakingListener>();
  /** By worker: of which chunk and step its picture was last read. */
  readonly #previewOf = new Map<string, string>();
  #state: FarmState = { state: 'off' };
  #shown = '';
  /** Ends the watch that goes on; null while this machine renders. */
  #watching: AbortController | null = null;

  constructor(options: FarmDeskOptions) {
    this.#options = options;
  }

  get state(): FarmState {
    return this.#state;
  }

  /** The farm that renders; null while this machine does. */
  get place(): FarmPlace | null {
    const { renderOn, farm } = this.#options.settings();
    return renderOn === 'farm' ? farm : null;
  }

  /** Watches what the settings say from now on. */
  follow(): void {
    this.#watching?.abort();
    this.#watching = null;
    const { place } = this;
    if (!place) {
      this.#become({ state: 'off' });
      return;
    }
    const watching = new AbortController();
    this.#watching = watching;
    void this.#watch(place, watching.signal);
  }

  /** @throws ThroughlineError `farm` where it cannot be used */
  async open(model: ModelInfo, project: OpenProject, signal: AbortSignal): Promise<Workplace> {
    const { place } = this;
    if (!place) throw new Error('this machine renders');
    const identity = identityOf(place, model);
    const speeds = this.#workers.flatMap(({ suits, secondsAChunk }) =>
      suits && secondsAChunk !== null ? [secondsAChunk] : [],
    );
    speeds.sort((a, b) => a - b);
    const opened = await openFarmWorkplace({
      ...{ address: this.#addressOf(place), store: place.store, identity, project },
      keys: this.#options.bucketKeys.of(place.store),
      pictures: this.#options.picturesOf(project, model),
      secondsAChunk: speeds[speeds.length >> 1] ?? null,
      onNote: (text) => this.#options.hub.notice('warning', text),
      follow: (listener) => {
        this.#listeners.add(listener);
        return () => this.#listeners.delete(listener);
      },
      patienceMs: this.#options.patienceMs,
    });
    if (signal.aborted) await opened.dispose();
    throwIfCancelled(signal, 'This work');
    return opened;
  }

  /**
   * Looks whether a farm can be used; nothing is changed.
   * @param password null tries the one that is kept, and so does `keys`
   */
  async tryIt(place: FarmPlace, password: string | null, keys: BucketKeys | null = null): Promise<FarmTrial> {
    const model = this.#options.model();
    const suitable = model && queueNameOf(identityOf(place, model));
    try {
      const known = keys ?? this.#options.bucketKeys.of(place.store);
      return await tryFarm(place, this.#addressOf(place, password), known, model, suitable);
    } catch (error) {
      const { message, hint } = shownError(error);
      return { findings: [{ ok: false, message, hint }] };
    }
  }

  /** Idempotent. */
  close(): void {
    this.#watching?.abort();
    this.#watching = null;
    this.#listeners.clear();
  }

  get #workers(): readonly FarmWorkerState[] {
    return this.#state.state === 'open' ? this.#state.workers : [];
  }

  /** @throws ThroughlineError `bad-input` for what is no address */
  #addressOf(place: FarmPlace, password: string | null = null): QueueAddress {
    const { queue, password: inAddress } = splitPassword(place.queue);
    const known = password ?? inAddress ?? this.#options.password.of(queue);
    const { THROUGHLINE_QUEUE_PASSWORD: outside, ...rest } = process.env;
    const given = known === null || known === '' ? outside : known;
    return parseQueueAddress(queue, given === undefined ? rest : { ...rest, THROUGHLINE_QUEUE_PASSWORD: given });
  }

  /** Goes on until it is ended; a farm that is gone is looked for again and again. */
  async #watch(place: FarmPlace, signal: AbortSignal): Promise<void> {
    const shownPlace = splitPassword(place.queue).queue;
    let watch: FarmWatch | null = null;
    signal.addEventListener('abort', () => watch?.dispose(), { once: true });
    this.#become({ state: 'connecting', place: shownPlace });
    while (!signal.aborted) {
      try {
        const address = this.#addressOf(place);
        watch = await watchFarm(address);
        if (signal.aborted) watch.dispose();
        else await this.#lookOn(watch, place, address.place, signal);
      } catch (error) {
        if (!signal.aborted)
          this.#become({ state: 'failed', place: shownPlace, error: shownError(toldInEditor(error)) });
      }
      watch?.dispose();
      watch = null;
      await pause(tryAgainMs, signal);
    }
  }

  /** Looks at the workers again and again. @throws ThroughlineError `farm` once the server is out of reach */
  async #lookOn(watch: FarmWatch, place: FarmPlace, shownPlace: string, signal: AbortSignal): Promise<void> {
    let heardAt = performance.now();
    while (!signal.aborted) {
      if (watch.isConnected) {
        const seen = await Promise.race([watch.workers(), pause(brokenMs, signal).then(() => null)]);
        if (signal.aborted) return;
        if (seen) {
          void this.#showPreviews(watch, seen);
          heardAt = performance.now();
          const model = this.#options.model();
          this.#saw(workerStates(seen, model && queueNameOf(identityOf(place, model))), {
            place: shownPlace,
            store: place.store,
          });
        }
      }
      if (performance.now() - heardAt > brokenMs)
        throw new ThroughlineError(
          'farm',
          `The farm's queue at ${shownPlace} does not answer.`,
          'What was finished is kept. It goes on once the queue is back; or go on here.',
        );
      await pause(lookEveryMs, signal);
    }
  }

  /** Publishes the newest pictures of what is made for this editor. Never throws. */
  async #showPreviews(watch: FarmWatch, seen: readonly SeenWorker[]): Promise<void> {
    if (this.#listeners.size === 0) return; // nothing is made for it
    const fresh = seen.filter(({ id, facts: { preview, making } }) => {
      const mark = preview && preview.chunkKey === making?.chunkKey ? `${preview.chunkKey} ${preview.step}` : '';
      return mark !== '' && this.#previewOf.get(id) !== mark;
    });
    try {
      await watch.wantPreviews();
      for (const { chunkKey, step, image } of await watch.previews(fresh.map(({ id }) => id).slice(0, mostPreviews)))
        for (const { onPreview } of this.#listeners) onPreview(chunkKey, step, image);
      for (const { id, facts } of fresh) this.#previewOf.set(id, `${facts.preview?.chunkKey} ${facts.preview?.step}`);
    } catch {} // they are only pictures
  }

  #saw(workers: readonly FarmWorkerState[], where: { readonly place: string; readonly store: string }): void {
    const anyThere = workers.some(({ suits, state }) => suits && state !== 'lost' && state !== 'left');
    for (const { name, heardSecondsAgo } of newlyLost(this.#workers, workers))
      this.#options.hub.notice(
        'warning',
        `${name} showed no sign of life for ${heardSecondsAgo} seconds. What it had in hand ${anyThere ? 'goes to another worker' : 'waits for another worker'}.`,
        'Nothing that was finished is lost.',
      );
    this.#become({ state: 'open', ...where, workers });
    const making = new Map<string, ChunkPhase>();
    for (const one of workers) if (one.suits && one.making) making.set(one.making.chunkKey, one.making.phase);
    for (const { onMaking } of this.#listeners) onMaking(making);
  }

  #become(state: FarmState): void {
    this.#state = state;
    const shown = JSON.stringify(state);
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#options.hub.publish({ type: 'farm', farm: state });
  }
}

/** Whose results are wanted: the model's, of the class of devices that was chosen, else of this machine's. */
function identityOf({ deviceClass }: FarmPlace, model: ModelInfo): MakerIdentity {
  return { model, deviceClass: deviceClass ?? deviceClassOf(model.device, process.arch) };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
    if (signal.aborted) done();
  });
}
