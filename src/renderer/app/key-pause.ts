/** Someone who types has noticed what happened once they have stopped for so long, in milliseconds. */
const restMs = 700;

/**
 * What a person goes on typing after the place they typed into has gone: not to be heard, until there is a pause between
 * keys. Times in milliseconds.
 */
export class KeyPause {
  #lastKeyAt = Number.NEGATIVE_INFINITY;
  #on = false;

  /** The place has gone. Only someone who is typing just now goes on. @param inText whether a text field had the focus */
  begin(now: number, inText: boolean): void {
    this.#on = inText || now - this.#lastKeyAt < restMs;
    if (this.#on) this.#lastKeyAt = now;
  }

  end(): void {
    this.#on = false;
  }

  /** A key is pressed: whether it is not to be heard. */
  swallows(now: number): boolean {
    this.#on &&= now - this.#lastKeyAt < restMs;
    this.#lastKeyAt = now;
    return this.#on;
  }

  /** Whether what comes of keys that were pressed before is not to be heard. */
  isOn(now: number): boolean {
    return this.#on && now - this.#lastKeyAt < restMs;
  }
}
