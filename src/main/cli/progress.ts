import { isolatedText } from '../../shared/isolated-text.ts';
import type { PlannedChunk } from '../../shared/recipes.ts';
import type { ChunkPhase } from '../../shared/render.ts';
import { cutText } from '../../shared/text.ts';
import type { RenderEvent } from '../studio/generation/render-story.ts';
import { RenderClock } from './clock.ts';
import { measuredTime, waitTime } from './duration.ts';
import type { Terminal } from './terminal.ts';

/** Shows how a render goes: two lines drawn over on a terminal, else a line for every chunk. */
export class Progress {
  readonly #terminal: Terminal;
  readonly #now: () => number;
  #plan: readonly PlannedChunk[] = [];
  #clock = new RenderClock(0, 0);
  #finished = 0;
  #chunkStarted = 0;
  #note = '';
  #heading = '';

  /** @param now milliseconds that only grow; given in tests */
  constructor(terminal: Terminal, now: () => number = () => performance.now()) {
    this.#terminal = terminal;
    this.#now = now;
  }

  /** Says in a word what goes on outside of chunks: loading the model, finishing the film. */
  stage(text: string): void {
    this.#terminal.live?.draw(this.#terminal.paintErr('faint', text));
  }

  /** Another render begins: what was counted of the one before is over. */
  begin(what: string): void {
    this.#finished = 0;
    this.#heading = what;
    if (!this.#terminal.live) this.#terminal.err(`${what}\n`);
  }

  /** A lasting line under the bar, such as what Ctrl+C has just begun. */
  note(text: string): void {
    this.#note = text;
    if (!this.#terminal.live) this.#terminal.err(`${text}\n`);
    else if (this.#plan.length > 0) this.#draw('');
    else this.stage(text);
  }

  readonly on = (event: RenderEvent): void => {
    switch (event.kind) {
      case 'planned': {
        this.#plan = event.chunks;
        this.#clock = new RenderClock(event.chunks.length - event.stored, event.stored);
        this.#chunkStarted = this.#now();
        break;
      }
      case 'phase': {
        this.#draw(sentence(event.chunk, event.phase, this.#shotCount()), event.phase);
        break;
      }
      case 'finished': {
        this.#clock.finished(event.source, event.wallMs);
        this.#finished++;
        this.#chunkStarted = this.#now();
        if (this.#terminal.live) this.#draw(sentence(event.chunk, null, this.#shotCount()));
        else this.#terminal.err(`${this.#line(event)}\n`);
        break;
      }
      default:
        event satisfies never;
    }
  };

  /** Takes the drawn lines away. */
  clear(): void {
    this.#terminal.live?.clear();
  }

  #shotCount(): number {
    return (this.#plan.at(-1)?.shotIndex ?? -1) + 1;
  }

  #line({ chunk, source, wallMs }: Extract<RenderEvent, { kind: 'finished' }>): string {
    const what = source === 'made' ? `made in ${measuredTime(wallMs)}` : 'found finished';
    const place = `chunk ${this.#finished} of ${this.#plan.length}, shot ${chunk.shotIndex + 1}`;
    return [`${place}: ${what}`, this.#timeLeft()].filter(Boolean).join(', ');
  }

  #draw(what: string, phase?: ChunkPhase): void {
    const { live, paintErr, columns } = this.#terminal;
    if (!live) return;
    const total = Math.max(1, this.#plan.length);
    const numbers = [`${this.#finished} of ${this.#plan.length} chunks`, this.#timeLeft()].filter(Boolean).join(' · ');
    const width = Math.max(10, Math.min(40, columns - numbers.length - 6));
    const filled = Math.round(((this.#finished + (phase ? share(phase) : 0)) / total) * width);
    const bar = paintErr('making', '━'.repeat(filled)) + paintErr('faint', '─'.repeat(width - filled));
    const lines = [...(this.#heading ? [`  ${this.#heading}`] : []), `  ${bar}  ${numbers}`];
    if (what) lines.push(`  ${paintErr('faint', cutText(what, columns - 4))}`);
    if (this.#note) lines.push(`  ${paintErr('warning', cutText(this.#note, columns - 4))}`);
    live.draw(lines.join('\n'));
  }

  #timeLeft(): string {
    const ms = this.#finished < this.#plan.length ? this.#clock.remainingMs(this.#now() - this.#chunkStarted) : null;
    return ms === null ? '' : `${waitTime(ms)} left`;
  }
}

function sentence(chunk: PlannedChunk, phase: ChunkPhase | null, shots: number): string {
  const place = `shot ${chunk.shotIndex + 1} of ${shots}`;
  return [place, phase && phaseName(phase), isolatedText(chunk.recipe.prompt)].filter(Boolean).join(' · ');
}

function phaseName(phase: ChunkPhase): string {
  switch (phase.phase) {
    case 'restoring':
      return `rebuilding memory ${phase.done} of ${phase.of}`;
    case 'denoising':
      return `denoising ${phase.step} of ${phase.of}`;
    default:
      return phase.phase;
  }
}

/** About how much of a chunk's work lies before a phase: a denoising step and a commit cost the same, the rest little. */
function share(phase: ChunkPhase): number {
  switch (phase.phase) {
    case 'denoising':
      return (phase.step - 1) / (phase.of + 2);
    case 'committing':
      return 0.7;
    case 'decoding':
      return 0.85;
    default:
      return 0;
  }
}
