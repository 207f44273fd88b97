import { setImmediate as breathe } from 'node:timers/promises';
import { documentUnder } from '../../../../shared/lab/index.ts';
import type { PolicyName } from '../../../../shared/memory-settings.ts';
import type { ProjectDocument } from '../../../../shared/project/document.ts';
import { type ProjectPlan, ProjectPlanner } from '../../../../shared/project/plan.ts';
import type { ModelInfo } from '../../../../shared/render.ts';

/** So long at a time, in milliseconds, a plan may keep everyone else waiting. */
const sliceMs = 8;

/** The newest plans of a project that is edited: as its shots remember, and as if every shot remembered in one way. */
export class PlansOfProject {
  readonly #document: () => ProjectDocument;
  readonly #own = new NewestPlan();
  readonly #under = new Map<PolicyName, NewestPlan>();

  /** @param document as it is now */
  constructor(document: () => ProjectDocument) {
    this.#document = document;
  }

  /** Whether {@link plan} has its answer already. */
  isReady(model: ModelInfo): boolean {
    return this.#own.isReady(this.#document(), model);
  }

  /**
   * Keys and recipes of every chunk, as `model` would make them. At once where {@link prepare} was waited for.
   * @param policy as if every shot remembered in this way
   */
  plan(model: ModelInfo, policy?: PolicyName): ProjectPlan {
    return this.#newest(policy).plan(this.#documentUnder(policy), model);
  }

  /** Does the work of {@link plan} bit by bit: after an edit near the start of a long story it takes a while. */
  prepare(model: ModelInfo, policy?: PolicyName): Promise<void> {
    return this.#newest(policy).prepare(() => this.#documentUnder(policy), model);
  }

  #documentUnder(policy: PolicyName | undefined): ProjectDocument {
    return policy === undefined ? this.#document() : documentUnder(this.#document(), policy);
  }

  #newest(policy: PolicyName | undefined): NewestPlan {
    if (policy === undefined) return this.#own;
    const newest = this.#under.get(policy) ?? new NewestPlan();
    this.#under.set(policy, newest);
    return newest;
  }
}

/** The plan of the document that was planned last. */
class NewestPlan {
  readonly #planner = new ProjectPlanner();
  #newest: { readonly document: ProjectDocument; readonly model: ModelInfo; readonly plan: ProjectPlan } | null = null;

  isReady(document: ProjectDocument, model: ModelInfo): boolean {
    return this.#newest?.document === document && this.#newest.model === model;
  }

  plan(document: ProjectDocument, model: ModelInfo): ProjectPlan {
    if (this.#newest && this.isReady(document, model)) return this.#newest.plan;
    const plan = this.#planner.plan(document, model);
    this.#newest = { document, model, plan };
    return plan;
  }

  /** @param documentNow the document, which may change meanwhile */
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
