import { limits } from './project/limits.ts';
import type { ModelInfo } from './render.ts';
import { completePrompt, type StorySoFar } from './scene/index.ts';
import type { PromptTelling, Shot, Story } from './story.ts';

/** What {@link Teller} needs to know of a model. */
export type ToldModel = Partial<Pick<ModelInfo, 'scene'>>;

/** Follows a path of shots and says what the model is told of each prompt. */
export class Teller {
  readonly #prompts: PromptTelling;
  readonly #model: ToldModel;
  /** Who and what the path has named. */
  #story: StorySoFar | null = null;
  /** The last prompt, and as it is completed. */
  #last: { readonly prompt: string; readonly completed: string } | null = null;

  /** @param prompts left off: as written */
  constructor(prompts: PromptTelling | undefined, model: ToldModel) {
    this.#prompts = prompts ?? 'as-written';
    this.#model = model;
  }

  /** One that goes on from here, leaving this one as it is. */
  copy(): Teller {
    const copy = new Teller(this.#prompts, this.#model);
    copy.#story = this.#story;
    copy.#last = this.#last;
    return copy;
  }

  /** Goes into a shot. One that is told as written names who and where for those after it all the same. */
  tell({ prompt, told }: Pick<Shot, 'prompt' | 'told'>): string {
    if (this.#prompts === 'as-written') return prompt;
    // The same words right after each other say the same: a shot that is divided keeps its keys.
    if (this.#last?.prompt !== prompt) {
      const completed = completePrompt(this.#story, prompt, this.#model.scene ?? null);
      this.#story = completed.story;
      this.#last = { prompt, completed: completed.prompt.length > limits.prompt ? prompt : completed.prompt };
    }
    return told === 'as-written' ? prompt : this.#last.completed;
  }
}

/** What a model is told of each shot of a story. */
export function toldPrompts(story: Pick<Story, 'prompts' | 'shots'>, model: ToldModel): string[] {
  const teller = new Teller(story.prompts, model);
  return story.shots.map((shot) => teller.tell(shot));
}
