import { Worker } from 'node:worker_threads';
import { ThroughlineError } from '../../shared/errors.ts';
import type { PictureSize } from './geometry.ts';

/** What the thread is started with. */
export interface PictureSizes {
  readonly source: PictureSize;
  readonly target: PictureSize;
}

/** One picture for the thread, which answers with its planes. Both are moved, not copied. */
export interface PictureTask {
  readonly rgb: Uint8Array<ArrayBuffer>;
  /** Planes that were given back, to be written over. */
  readonly spare: Uint8Array<ArrayBuffer> | null;
}

type Planes = Uint8Array<ArrayBuffer>;

/** Enlarges RGB pictures and converts them to I420, in a thread of its own. `dispose` it. */
export class PictureConverter {
  readonly #thread: Worker;
  readonly #waiting: PromiseWithResolvers<Planes>[] = [];
  readonly #spares: Planes[] = [];
  #failure: ThroughlineError | null = null;

  constructor(sizes: PictureSizes) {
    const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    this.#thread = new Worker(new URL(`./picture-thread.${ending}`, import.meta.url), {
      workerData: sizes,
      execArgv: ['--no-warnings'],
    });
    this.#thread.on('message', (planes: Planes) => this.#waiting.shift()?.resolve(planes));
    this.#thread.once('error', (cause) => this.#fail(cause));
    this.#thread.once('exit', () => this.#fail());
  }

  /**
   * @param rgb [source.height, source.width, 3], 0..255; copied at once. Pictures are answered in the order they came in
   * @returns I420 planes of the target's size, owned by the caller until given back with {@link recycle}
   * @throws ThroughlineError `export-failed` if the thread has ended
   */
  convert(rgb: Uint8Array): Promise<Planes> {
    if (this.#failure) return Promise.reject(this.#failure);
    const answer = Promise.withResolvers<Planes>();
    answer.promise.catch(() => {}); // one that was asked for ahead may never be waited for
    this.#waiting.push(answer);
    const copy = rgb.slice();
    const spare = this.#spares.pop() ?? null;
    const moved = spare ? [copy.buffer, spare.buffer] : [copy.buffer];
    this.#thread.postMessage({ rgb: copy, spare } satisfies PictureTask, moved);
    return answer.promise;
  }

  /** Gives planes back that nobody reads any more. */
  recycle(planes: Planes): void {
    this.#spares.push(planes);
  }

  /** Ends the thread, and what is under way in it. Idempotent. */
  async dispose(): Promise<void> {
    await this.#thread.terminate();
  }

  #fail(cause?: unknown): void {
    this.#failure ??= new ThroughlineError('export-failed', 'The pictures could not be converted.', 'Export again.', {
      cause,
    });
    for (const { reject } of this.#waiting.splice(0)) reject(this.#failure);
  }
}
