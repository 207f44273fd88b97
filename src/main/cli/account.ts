import { isolatedText } from '../../shared/isolated-text.ts';
import { cast } from '../../shared/labels.ts';
import { memoryChoice, memoryKind } from '../../shared/memories/index.ts';
import type { MemoryRecord } from '../../shared/memory-record.ts';
import { isPicture } from '../../shared/pictures.ts';
import type { Report, ReportChunk } from '../../shared/report.ts';
import { cutText } from '../../shared/text.ts';
import { latentFrameToSec, timeCode } from '../../shared/timing.ts';
import { measuredTime } from './duration.ts';
import { pictureName, type RecalledFrame, recalledFrames } from './recall.ts';
import type { Terminal } from './terminal.ts';

/** `cut`, and why where that was left to us. */
function cutWords({ transitionReason }: ReportChunk): string {
  return transitionReason === undefined ? 'cut' : `cut, ${transitionReason}`;
}

/** Words named for each remembered frame. */
const mostWords = 3;

/** A readable account of a render: for every shot and chunk what was remembered, why, and what was forgotten. */
export class Account {
  readonly #report: Report;
  readonly #paint: Terminal['paint'];
  readonly #columns: number;

  constructor(report: Report, paint: Terminal['paint'], columns: number) {
    this.#report = report;
    this.#paint = paint;
    this.#columns = columns;
  }

  /** @param onlyShot counted from 1; undefined: all */
  text(onlyShot?: number): string {
    const lines = this.#head();
    for (const [shotIndex, shot] of this.#report.story.shots.entries()) {
      if (onlyShot !== undefined && onlyShot !== shotIndex + 1) continue;
      const chunks = this.#report.chunks.filter((chunk) => chunk.shotIndex === shotIndex);
      const start = chunks[0] ? this.#time(chunks[0].memory.firstFrame) : '';
      const title = [`Shot ${shotIndex + 1}`, start, chunks[0]?.transition === 'cut' ? cutWords(chunks[0]) : '']
        .filter(Boolean)
        .join(' · ');
      lines.push('', `${this.#paint('strong', title)}  ${isolatedText(shot.prompt)}`);
      const told = chunks[0]?.told;
      if (told !== undefined) lines.push(this.#paint('faint', `  the model is told: ${isolatedText(told)}`));
      for (const chunk of chunks) lines.push(...this.#chunk(chunk));
    }
    return `${lines.join('\n')}\n`;
  }

  #head(): string[] {
    const { story, model, chunks, totals } = this.#report;
    const settings = chunks[0]?.memory.settings;
    const film = `${story.shots.length} shots, ${chunks.length} chunks, ${totals.filmSec.toFixed(1)} s of film`;
    const lines = [
      this.#paint('strong', story.title),
      film,
      `${model.name} on ${model.device}, ${model.video.width}x${model.video.height} at ${model.video.fps} frames a second, ${model.kvStorage} keys and values`,
    ];
    if (settings) {
      lines.push(
        `memory ${memoryChoice(settings).name}: window ${settings.windowFrames}, sink ${settings.sinkFrames}, recalls ${settings.bankFrames} of at most ${settings.capacity} frames, each head attends to ${settings.activatedFrames}`,
      );
    }
    const earlier = totals.stored > 0 ? `, ${totals.stored} from earlier runs` : '';
    lines.push(`${totals.made} chunks made in ${measuredTime(totals.makingMs)}${earlier}`);
    return lines;
  }

  #chunk(chunk: ReportChunk): string[] {
    const { memory } = chunk;
    const recalled = recalledFrames(memory);
    const facts = [
      this.#time(memory.firstFrame),
      memory.recached ? 'window recomputed for the new prompt' : '',
      recalled.length === 0
        ? this.#paint('faint', noRecall(memory))
        : `recalls ${recalled.length} of ${memory.candidates.length}`,
    ];
    const lines = [`  chunk ${memory.chunkIndex} · ${facts.filter(Boolean).join(' · ')}`];
    const before = new Set(memory.bankBefore.flat());
    for (const frame of recalled) lines.push(`    ${this.#frame(frame, memory, before)}`);
    const now = new Set(memory.bank.flat());
    const dropped = [...before].filter((frame) => !now.has(frame) && !isPicture(frame));
    if (dropped.length > 0) lines.push(`    ${this.#paint('faint', `no longer recalled: ${this.#times(dropped)}`)}`);
    if (memory.evicted.length > 0)
      lines.push(`    ${this.#paint('warning', `forgotten for good: ${this.#times(memory.evicted)}`)}`);
    const unknown = memory.words.filter((word) => !word.known).map((word) => word.text);
    if (chunk.transition === 'cut' || memory.recached || memory.chunkIndex === 0) {
      if (unknown.length > 0)
        lines.push(`    ${this.#paint('faint', `words the model does not know: ${unknown.join(', ')}`)}`);
    }
    return lines;
  }

  #frame(recalled: RecalledFrame, memory: MemoryRecord, before: ReadonlySet<number>): string {
    const { frame, score, layers, activated, words } = recalled;
    const pinned = memory.settings.pins.find((pin) => pin.frame === frame);
    const only = memory.candidates.length === 1;
    const facts = [
      only ? 'the only frame in memory' : '',
      score === null || only ? '' : `score ${formatScore(score, memory.settings.mode)}`,
      layers < memory.bank.length ? `${layers} of ${memory.bank.length} layers` : 'every layer',
      activated === null ? '' : `active ${percent(activated)}`,
      pinned ? `${cast}: ${pinned.name}` : '',
      before.has(frame) ? '' : 'new',
    ];
    const why = (only ? [] : words.slice(0, mostWords)).map(({ text, pull }) => `${text} ${percent(pull)}`);
    const line = [facts.filter(Boolean).join(', '), why.length > 0 ? `by ${why.join(', ')}` : '']
      .filter(Boolean)
      .join('; ');
    return `${this.#paint('memory', this.#place(frame, memory))}  ${line}`;
  }

  /** Time code and shot of a latent frame; of a picture its name. */
  #place(latentFrame: number, memory: MemoryRecord): string {
    if (isPicture(latentFrame)) return `the picture "${isolatedText(pictureName(memory, latentFrame))}"`;
    const chunk = this.#report.chunks.findLast((each) => each.memory.firstFrame <= latentFrame);
    const shot = chunk && this.#report.story.shots[chunk.shotIndex];
    const name =
      chunk && shot
        ? `shot ${chunk.shotIndex + 1} "${isolatedText(cutText(shot.prompt, Math.min(40, Math.max(20, this.#columns - 90))))}"`
        : '';
    return `${this.#time(latentFrame)} ${name}`.trim();
  }

  #times(frames: readonly number[]): string {
    return [...frames]
      .sort((a, b) => a - b)
      .map((frame) => this.#time(frame))
      .join(', ');
  }

  #time(latentFrame: number): string {
    return timeCode(latentFrameToSec(latentFrame, this.#report.model.video.fps));
  }
}

function noRecall(memory: MemoryRecord): string {
  const { recalls, id } = memoryChoice(memory.settings);
  if (!recalls || memory.settings.bankFrames === 0) return `recalls nothing (${id})`;
  return 'nothing to recall yet';
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function formatScore(score: number, mode: MemoryRecord['settings']['mode']): string {
  return memoryKind(mode).record.scores === 'share' ? percent(score) : score.toFixed(2);
}
