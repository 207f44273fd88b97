import { timeCode } from '../../../shared/timing.ts';
import { type CutLine, chunkSpan, labelFrame } from '../line/line.ts';
import { formatShare } from '../parts/value-scale.ts';
import type { FlowRow, FlowState } from './frame-lives.ts';

const stateNames: Record<Exclude<FlowState['state'], 'bank'>, string> = {
  window: 'In view: it came just before',
  sink: 'In view: the beginning always is',
  waiting: 'In memory, not recalled',
  banned: 'Never used, as you asked',
  gone: 'Forgotten',
  unknown: 'Not made yet',
};

/** In words: what a frame was to one chunk. */
export function FlowDetails({
  row,
  chunk,
  line,
}: {
  readonly row: FlowRow;
  readonly chunk: number;
  readonly line: CutLine;
}) {
  const label = labelFrame(line, row.frame);
  const at = line.chunks[chunk];
  const state = row.states[chunk - row.enteredChunk - 1];
  const what =
    chunk === row.enteredChunk
      ? 'Entered memory here'
      : !state
        ? 'Not made at that time'
        : state.state === 'bank'
          ? `Recalled by ${formatShare(state.fraction)} of layers`
          : stateNames[state.state];
  return (
    <>
      <b>
        {row.pinned ?? `Shot ${label.shot}`}, {label.timeCode}
      </b>
      <br />
      {what}
      <br />
      Shot {(at?.shotIndex ?? 0) + 1}, chunk {(at?.indexInShot ?? 0) + 1},{' '}
      {timeCode(chunkSpan(line, chunk).first / line.fps)}
    </>
  );
}
