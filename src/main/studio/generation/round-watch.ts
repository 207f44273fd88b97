import type { ModelInfo } from '../../../shared/render.ts';
import type { OpenProject } from '../project/open-project.ts';
import type { WantedChunk } from './missing-chunks.ts';
import type { QueuedJob } from './queue-state.ts';
import { roundOfAll } from './round.ts';

/** So often it is looked whether what is being made elsewhere is still wanted, in milliseconds. */
const lookEveryMs = 250;

/** Ends a round of many chunks once what is missing is no longer just what is left of it. */
export class RoundWatch {
  readonly #project: OpenProject;
  readonly #model: ModelInfo;
  readonly #jobs: () => readonly QueuedJob[];
  /** As it was when it was last asked what is missing. */
  #mark: string;

  /**
   * Make it before it is asked what the round is of.
   * @param jobs the one that is worked on and those behind it, as they are now; none once that one is to end
   */
  constructor(project: OpenProject, model: ModelInfo, jobs: () => readonly QueuedJob[]) {
    this.#project = project;
    this.#model = model;
    this.#jobs = jobs;
    this.#mark = this.#markOf(jobs());
  }

  /**
   * @param left by key, what the round still has to make
   * @returns ends the watch
   */
  begin(round: AbortController, left: ReadonlyMap<string, WantedChunk>): () => void {
    const begun = new Set(left.keys());
    let busy = false;
    const looking = setInterval(() => {
      if (busy) return;
      busy = true;
      this.#look(round, left, begun)
        .catch(() => round.abort()) // why it cannot be made is said when it is asked again
        .finally(() => {
          busy = false;
        });
    }, lookEveryMs).unref();
    return () => clearInterval(looking);
  }

  async #look(
    round: AbortController,
    left: ReadonlyMap<string, WantedChunk>,
    begun: ReadonlySet<string>,
  ): Promise<void> {
    const jobs = this.#jobs();
    const mark = this.#markOf(jobs);
    if (jobs.length === 0 || mark === this.#mark) return;
    const { wanted } = await roundOfAll(this.#project, this.#model, jobs);
    const keys = new Set(wanted.map(({ chunk }) => chunk.key));
    const gone = [...left.keys()].some((key) => !keys.has(key) && !this.#project.chunks.has(key));
    if (gone || [...keys].some((key) => !begun.has(key))) round.abort();
    this.#mark = mark;
  }

  /** Changes with what may change what is wanted. */
  #markOf(jobs: readonly QueuedJob[]): string {
    return [this.#project.state.revision, ...jobs.map(({ id }) => id)].join();
  }
}
