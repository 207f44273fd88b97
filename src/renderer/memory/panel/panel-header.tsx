import { ChevronLeft, ChevronRight, Maximize2, SquareArrowOutUpRight } from 'lucide-react';
import { memoryChoice, memoryKind } from '../../../shared/memories/index.ts';
import type { MemoryRecord } from '../../../shared/memory-record.ts';
import { timeCode } from '../../../shared/timing.ts';
import { selectChunk } from '../../state/index.ts';
import { followedEditor, showMemoryWindow } from '../../state/memory-link.ts';
import { openDialog, useView } from '../../state/view.ts';
import { IconButton, Tooltip } from '../../ui/index.ts';
import { type CutLine, chunkSpan, type LineChunk } from '../line/line.ts';
import css from './panel-header.module.css';

export interface PanelHeaderProps {
  readonly record: MemoryRecord;
  readonly line: CutLine;
  readonly chunk: LineChunk;
  /** Frames joined the cast or were banned after this chunk was made. */
  readonly directedSince: boolean;
}

/** Which chunk it is, and how its memory was set. */
export function PanelHeader({ record, line, chunk, directedSince }: PanelHeaderProps) {
  const { settings } = record;
  const large = useView(({ dialog }) => dialog?.kind === 'memory');
  const span = chunkSpan(line, chunk.chunkIndex);
  const choice = memoryChoice(settings);
  const { record: reading, settings: offered } = memoryKind(settings.mode);
  const heeds = (name: string) => offered.some((one) => one.name === name && one.of.includes(choice.id));
  const go = (by: number) => {
    const next = line.chunks[chunk.chunkIndex + by];
    if (next) selectChunk({ shotId: next.shotId, indexInShot: next.indexInShot });
  };
  return (
    <header className={css.header}>
      <div className={css.row}>
        <div className={css.titles}>
          <h2 className={css.title}>{chunk.shotName}</h2>
          <p className={css.place}>
            Shot {chunk.shotIndex + 1}, chunk {chunk.indexInShot + 1} of {chunk.chunksInShot}
            <span className="numbers">
              {' '}
              · {timeCode(span.first / line.fps)}–{timeCode((span.first + span.count) / line.fps)}
            </span>
          </p>
        </div>
        {!large && followedEditor === null && (
          <>
            <IconButton small label="Show over the whole window" onClick={() => openDialog({ kind: 'memory' })}>
              <Maximize2 size={14} />
            </IconButton>
            <IconButton small label="Show in a window of its own" onClick={showMemoryWindow}>
              <SquareArrowOutUpRight size={14} />
            </IconButton>
          </>
        )}
        <IconButton small label="Chunk before" disabled={chunk.chunkIndex === 0} onClick={() => go(-1)}>
          <ChevronLeft size={15} />
        </IconButton>
        <IconButton
          small
          label="Chunk after"
          disabled={chunk.chunkIndex === line.chunks.length - 1}
          onClick={() => go(1)}
        >
          <ChevronRight size={15} />
        </IconButton>
      </div>
      <div className={css.facts}>
        <Fact name={choice.name} text={choice.says} strong />
        {heeds('bankFrames') && (
          <Fact name={`b ${settings.bankFrames}`} text={`Each layer’s bank holds ${settings.bankFrames} frames.`} />
        )}
        {heeds('activatedFrames') && (
          <Fact
            name={`k ${settings.activatedFrames}`}
            text={`Each head attends to ${settings.activatedFrames} of them at a step.`}
          />
        )}
        {reading.note && <Fact name={reading.note.name} text={reading.note.says} />}
        {record.transition === 'cut' && (
          <Fact name="cut" text="This chunk began with an empty window; only memory carried over." />
        )}
        {record.recached && (
          <Fact
            name="recached"
            text="The prompt changed here, so the frames just before were looked at again under the new prompt."
          />
        )}
      </div>
      {chunk.availability !== 'fresh' && (
        <p className={css.notice} data-kind={chunk.availability}>
          {chunk.availability === 'held'
            ? 'This is a kept result: it shows what was remembered when it was made. Frames marked “once” are from the cut as it was then.'
            : 'This result is stale: it shows what was remembered when it was made. Frames marked “once” are from the cut as it was then.'}
        </p>
      )}
      {directedSince && chunk.availability === 'fresh' && (
        <p className={css.notice}>Memory was directed since this was made. Generate it again to see what changes.</p>
      )}
    </header>
  );
}

function Fact({
  name,
  text,
  strong = false,
}: {
  readonly name: string;
  readonly text: string;
  readonly strong?: boolean;
}) {
  return (
    <Tooltip text={text}>
      <button type="button" className={css.fact} data-strong={strong || undefined} aria-label={`${name}: ${text}`}>
        {name}
      </button>
    </Tooltip>
  );
}
