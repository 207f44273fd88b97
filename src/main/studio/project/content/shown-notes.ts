import type { ProjectDocument } from '../../../../shared/project/document.ts';
import type { ModelInfo } from '../../../../shared/render.ts';
import type { ProjectPlace } from '../project-place.ts';
import type { PlansOfProject } from './plans-of-project.ts';
import type { ProjectTakes } from './project-takes.ts';

/** Chunks that are planned within a frame or two. */
const plannedAtOnce = 2000;

/** What is on the screen after a change is noted once nothing has changed for so long, in milliseconds. */
const noteAfterMs = 400;

/** What of an open project is on the screen. */
export interface ShownStory {
  readonly document: ProjectDocument;
  /** That its keys are computed with; null while that is not known. */
  readonly model: ModelInfo | null;
}

/** Notes which takes the shots of an open project show: before each change, and a moment after the last one. */
export class ShownNotes {
  readonly #story: ShownStory;
  readonly #takes: ProjectTakes;
  readonly #plans: PlansOfProject;
  readonly #place: ProjectPlace;
  #timer: NodeJS.Timeout | null = null;

  /** @param story says how it is now, whenever it is asked */
  constructor(story: ShownStory, takes: ProjectTakes, plans: PlansOfProject, place: ProjectPlace) {
    this.#story = story;
    this.#takes = takes;
    this.#plans = plans;
    this.#place = place;
  }

  /** Before a change: what the document shows now is what it showed last, once it changes. */
  note(): void {
    const { document, model } = this.#story;
    if (!model || !this.#takes.haveChoices) return;
    // Nobody waits seconds for a note: of a long story only what was planned anyway is noted.
    const isLong = document.shots.reduce((sum, { chunks }) => sum + chunks, 0) > plannedAtOnce;
    if (isLong && !this.#plans.isReady(model)) return;
    this.#takes.noteShown(document, this.#plans.plan(model));
  }

  /** After a change, once there is a pause: then the next change finds it noted, and windows need not wait to hear of it. */
  noteSoon(): void {
    this.stop();
    this.#timer = setTimeout(() => void this.#notePrepared(), noteAfterMs).unref();
  }

  /** Forgets what {@link noteSoon} was to do. Idempotent. */
  stop(): void {
    if (this.#timer) clearTimeout(this.#timer);
  }

  async #notePrepared(): Promise<void> {
    const { model } = this.#story;
    if (model && this.#takes.haveChoices) await this.#plans.prepare(model);
    if (this.#place.mayChange) this.note();
  }
}
