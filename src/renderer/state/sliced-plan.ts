import type { ProjectDocument } from '../../shared/project/document.ts';
import { type ProjectPlan, ProjectPlanner } from '../../shared/project/plan.ts';
import type { ModelInfo } from '../../shared/render.ts';
import { beforeNextFrame } from './fold-events.ts';

/** Of a frame, in milliseconds: what is left is for drawing. */
const sliceMs = 5;
/** What does not fit in the first slice waits this long, in milliseconds: whoever types changes it again until then. */
const restMs = 120;

/** When the rest of a plan is worked on. */
export interface PlanSchedule {
  readonly rested: (act: () => void) => void;
  readonly nextFrame: (act: () => void) => void;
  /** Milliseconds. */
  readonly now: () => number;
}

const ofPage: PlanSchedule = {
  rested: (act) => void setTimeout(act, restMs),
  nextFrame: beforeNextFrame,
  now: () => performance.now(),
};

/** Plans a project a slice a frame: an edit near the start of a long story changes thousands of keys. */
export class SlicedPlan {
  readonly #planner = new ProjectPlanner();
  readonly #onDone: (plan: ProjectPlan) => void;
  readonly #schedule: PlanSchedule;
  /** The work under way; replaced by what is asked for next. */
  #steps: Generator<void, ProjectPlan> | null = null;

  constructor(onDone: (plan: ProjectPlan) => void, schedule: PlanSchedule = ofPage) {
    this.#onDone = onDone;
    this.#schedule = schedule;
  }

  /**
   * Begins at once; what is planned within a slice is done when this returns. Ends what was under way.
   * @param whole done when this returns, however long it takes: for a project that was just opened, of which nothing
   *   true can be shown before
   */
  begin(document: ProjectDocument, model: ModelInfo, whole = false): void {
    if (whole) {
      this.#steps = null;
      this.#onDone(this.#planner.plan(document, model));
      return;
    }
    this.#steps = this.#planner.steps(document, model);
    this.#goOn(this.#steps, this.#schedule.rested);
  }

  stop(): void {
    this.#steps = null;
  }

  #goOn(steps: Generator<void, ProjectPlan>, rest: (act: () => void) => void): void {
    if (this.#steps !== steps) return;
    const end = this.#schedule.now() + sliceMs;
    do {
      const step = steps.next();
      if (step.done) {
        this.#steps = null;
        this.#onDone(step.value);
        return;
      }
    } while (this.#schedule.now() < end);
    rest(() => this.#goOn(steps, this.#schedule.nextFrame));
  }
}
