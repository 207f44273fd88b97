import { timeCode } from '../../../shared/timing.ts';
import { type CutLine, chunkSpan, labelFrame } from '../line/line.ts';
import { flowWords } from './flow-words.ts';
import type { FlowRow } from './frame-lives.ts';

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
  const what = chunk === row.enteredChunk ? 'Entered memory here' : !state ? 'Not made at that time' : flowWords(state);
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
