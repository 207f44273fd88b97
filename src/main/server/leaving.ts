import type { ShownError } from '../../shared/errors.ts';
import { shownError } from '../studio/shown-error.ts';

export interface LeavingOptions {
  /** @throws ThroughlineError `unsaved` where changes cannot be saved and may not be lost */
  readonly close: (discard: boolean) => Promise<void>;
  /** Says why it stays open. */
  readonly say: (why: ShownError) => void;
  readonly exit: (code: number) => void;
}

/** `asked`: changes cannot be saved, and the person was asked whether to quit all the same. */
type State = 'open' | 'closing' | 'asked' | 'discarding';

/**
 * How a host without windows of its own ends, by signals. Changes that cannot be saved keep it open, with a sentence;
 * asked again it ends without them. Asked again while it closes, it ends at once.
 */
export class Leaving {
  readonly #options: LeavingOptions;
  #state: State = 'open';

  constructor(options: LeavingOptions) {
    this.#options = options;
  }

  /** Somebody wants it to end. Never throws. */
  ask(): void {
    switch (this.#state) {
      case 'open':
        this.#state = 'closing';
        void this.#close(false);
        return;
      case 'asked':
        this.#state = 'discarding';
        void this.#close(true);
        return;
      case 'closing':
      case 'discarding':
        this.#options.exit(1);
        return;
    }
  }

  async #close(discard: boolean): Promise<void> {
    const { close, say, exit } = this.#options;
    try {
      await close(discard);
      exit(discard ? 1 : 0);
    } catch (error) {
      const shown = shownError(error);
      if (shown.code === 'unsaved') {
        this.#state = 'asked';
        say(shown);
      } else {
        console.error(error);
        exit(1);
      }
    }
  }
}
