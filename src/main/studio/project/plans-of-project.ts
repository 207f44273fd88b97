import { setImmediate as breathe } from 'node:timers/promises';
import type { ProjectDocument } from '../../../shared/project/document.ts';
import { type ProjectPlan, ProjectPlanner } from '../../../shared/project/plan.ts';
import type { ModelInfo } from '../../../shared/render.ts';

/** So long at a time, in milliseconds, a plan may keep everyone else waiting. */
const sliceMs = 8;

/** The newest plan of a project that is edited. */
export class PlansOfProject {
  readonly #planner = new ProjectPlanner();
  #newest: { readonly document: ProjectDocument; readonly model: ModelInfo; readonly plan: ProjectPlan } | null = null;

  /** Whether {@link plan} has its answer already. */
  isReady(document: ProjectDocument, model: ModelInfo): boolean {
    return this.#newest?.document === document && this.#newest.model === model;
  }

  /** At once where {@link prepare} was waited for. */
  plan(document: ProjectDocument, model: ModelInfo): ProjectPlan {
    if (this.#newest && this.isReady(document, model)) return this.#newest.plan;
    const plan = this.#planner.plan(document, model);
    this.#newest = { document, model, plan };
    return plan;
  }

  /** Does the work of {@link plan} bit by bit. @param documentNow the document, which may change meanwhile */
  async prepare(documentNow: () => ProjectDocument, model: ModelInfo): Promise<void> {
    // Whoever goes on editing must not keep others waiting: after some tries `plan` does it in one go.
    for (let tries = 0; tries < 3 && !this.isReady(documentNow(), model); tries++) {
      const document = documentNow();
      const steps = this.#planner.steps(document, model);
      let from = performance.now();
      let step = steps.next();
      while (!step.done && documentNow() === document) {
        if (performance.now() - from > sliceMs) {
          await breathe();
          from = performance.now();
        }
        step = steps.next();
      }
      if (step.done && documentNow() === document) this.#newest = { document, model, plan: step.value };
    }
  }
}
