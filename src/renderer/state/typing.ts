import { newGesture } from './commands.ts';

/** A rest longer than this ends a step of typing, in milliseconds. */
const restMs = 1200;

/** Rises with whatever ends every step of typing there is: a generation makes something of the text as it stands. */
let ended = 0;

/** What is typed from now on is another step to undo, in every field. */
export function endTyping(): void {
  ended++;
}

/** Cuts what is typed into one field into steps to undo: at pauses, and where something was generated. */
export class Typing {
  readonly #kind: string;
  #gesture = '';
  #what = '';
  #at = Number.NEGATIVE_INFINITY;
  #ended = ended;

  constructor(kind: string) {
    this.#kind = kind;
  }

  /** The next key begins a step: the field was entered. */
  begin(): void {
    this.#gesture = '';
  }

  /**
   * The name of the step that a key pressed now belongs to.
   * @param what is typed, where several fields share this: another one begins a step
   * @param nowMs of a clock that never goes back
   */
  step(what = '', nowMs: number = performance.now()): string {
    if (this.#gesture === '' || what !== this.#what || nowMs - this.#at > restMs || this.#ended !== ended) {
      this.#gesture = newGesture(this.#kind);
      this.#ended = ended;
    }
    this.#at = nowMs;
    this.#what = what;
    return this.#gesture;
  }
}
