import { stripVTControlCharacters } from 'node:util';
import type { Terminal } from '../../src/main/cli/terminal.ts';

/** A terminal that keeps what is written to it. */
export class FakeTerminal implements Terminal {
  output = '';
  errors = '';
  /** Everything that was drawn over, in order. */
  readonly drawn: string[] = [];
  readonly live: Terminal['live'];
  readonly columns = 100;

  constructor({ isTty = false } = {}) {
    this.live = isTty
      ? { draw: (text) => void this.drawn.push(stripVTControlCharacters(text)), clear: () => {} }
      : null;
  }

  out(text: string): void {
    this.output += text;
  }

  err(text: string): void {
    this.errors += text;
  }

  readonly paint: Terminal['paint'] = (_, text) => text;
  readonly paintErr: Terminal['paintErr'] = (_, text) => text;
}
