/**
 * Calls to something that may die before it answers: a process, a thread. Each call ends with its answer or with the
 * death, whichever comes first, and nothing is kept of one that has ended. (`Promise.race` against a promise that
 * settles only at the end keeps every answer until then.)
 */
export class Lifeline {
  readonly #waiting = new Set<(death: unknown) => void>();
  #end: { readonly death: unknown } | null = null;

  /** Calls that have no answer yet. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Settles as `call` does, or rejects with the death if that comes first; at once where it has come already. */
  race<T>(call: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#end) {
        call.catch(() => {}); // the death says it
        reject(this.#end.death);
        return;
      }
      this.#waiting.add(reject);
      call.then(
        (answer) => {
          this.#waiting.delete(reject);
          resolve(answer);
        },
        (error) => {
          this.#waiting.delete(reject);
          reject(error);
        },
      );
    });
  }

  /** Ends every waiting call with `death`, and every later one. Only the first death counts. */
  die(death: unknown): void {
    if (this.#end) return;
    this.#end = { death };
    for (const reject of this.#waiting) reject(death);
    this.#waiting.clear();
  }
}
