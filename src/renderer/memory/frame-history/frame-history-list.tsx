import { goToChunk } from '../bank-flow/flow-cursor.ts';
import { flowWords } from '../bank-flow/flow-words.ts';
import type { CutLine } from '../line/line.ts';
import { Absent } from '../parts/section.tsx';
import { formatScore } from '../parts/value-scale.ts';
import css from './frame-history.module.css';
import type { HistoryEntry } from './frame-history.ts';

/** What became of the chosen frame along the cut; a press goes to the chunk. */
export function FrameHistory({ entries, line }: { readonly entries: readonly HistoryEntry[]; readonly line: CutLine }) {
  if (entries.length === 0) return <Absent>Nothing was made after it yet.</Absent>;
  return (
    <ol className={css.history}>
      {entries.map(({ firstChunk, lastChunk, state, scores }) => (
        <li key={firstChunk} data-state={state.state}>
          <button type="button" onClick={() => goToChunk(line, firstChunk)}>
            <span className={css.place}>{placeOf(line, firstChunk, lastChunk)}</span>
            <span>{flowWords(state)}</span>
            <span className={css.score}>{scores && scoreWords(scores)}</span>
          </button>
        </li>
      ))}
    </ol>
  );
}

function placeOf({ chunks }: CutLine, first: number, last: number): string {
  const [from, to] = [chunks[first], chunks[last]];
  if (!from || !to) return `chunk ${first + 1}`;
  const name = (chunk: typeof from) => `${chunk.shotIndex + 1}.${chunk.indexInShot + 1}`;
  return first === last ? `shot ${name(from)}` : `shot ${name(from)} to ${name(to)}`;
}

function scoreWords({ low, high }: { readonly low: number; readonly high: number }): string {
  const [least, most] = [formatScore(low), formatScore(high)];
  return least === most ? least : `${least} to ${most}`;
}
