import { useCallback, useMemo, useState } from 'react';
import { type MemoryKind, memoryChoice, memoryKind } from '../../../shared/memories/index.ts';
import type { MemoryRecord } from '../../../shared/memory-record.ts';
import { selectChunk, useStory, useStudio } from '../../state/index.ts';
import { Button, EmptyState, type MenuEntry } from '../../ui/index.ts';
import { BankFlow } from '../bank-flow/bank-flow.tsx';
import { bankFlow } from '../bank-flow/frame-lives.ts';
import { CastList } from '../directing/cast-list.tsx';
import { banFrame, liftDirection, liftWords, pinFrame } from '../directing/direct-frame.ts';
import { directionsAt, undoneDirections } from '../directing/directions.ts';
import { CastNameDialog, FrameActions } from '../directing/frame-actions.tsx';
import { useFrameMenu } from '../directing/frame-menu.ts';
import { FilmStrip } from '../film-strip/film-strip.tsx';
import { usesBank } from '../film-strip/remembered-frames.ts';
import { frameHistory } from '../frame-history/frame-history.ts';
import { FrameHistory } from '../frame-history/frame-history-list.tsx';
import { ActivationHeatmap, RetrievalHeatmap } from '../heatmaps/heatmaps.tsx';
import { type CutLine, type LineChunk, labelFrame } from '../line/line.ts';
import { recordedLine } from '../line/recorded-line.ts';
import { useSelectedLine } from '../line/use-line.ts';
import { Absent, Section } from '../parts/section.tsx';
import { TipProvider } from '../parts/tip.tsx';
import { useAncestors } from '../records/ancestors.ts';
import { retryRecord, useRecord, useRecords } from '../records/records.ts';
import {
  activationTable,
  bankFlowTable,
  filmStripTable,
  historyTable,
  retrievalTable,
  spatialTable,
  type Table,
  wordTable,
} from '../saving/tables.ts';
import { viewFileName } from '../saving/view-file-name.ts';
import { Why } from '../why/why.tsx';
import { memoryViews } from './memory-views.ts';
import css from './panel.module.css';
import { PanelHeader } from './panel-header.tsx';

/** What the model remembered for the selected chunk, why, and over the whole cut; and where a person directs it. */
export function MemoryPanel() {
  const selected = useSelectedLine();
  const state = useRecord(selected?.chunk.key ?? null);
  if (!selected) return <EmptyState text="Select a shot to see what it remembered." />;
  const { line, chunk } = selected;
  if (!state) {
    const text =
      chunk.availability === 'coming'
        ? 'This chunk is being made. Its memory appears here when it is done.'
        : chunk.availability === 'queued'
          ? 'This chunk waits to be made. Its memory appears here when it is done.'
          : 'This chunk is not generated yet, so it has remembered nothing.';
    return <EmptyState text={text} />;
  }
  switch (state.state) {
    case 'loading':
      return <EmptyState text="Reading what it remembered…" />;
    case 'failed':
      return (
        <EmptyState
          text={`${state.error.message} ${state.error.hint}`}
          action={<Button onClick={() => chunk.key && retryRecord(chunk.key)}>Try again</Button>}
        />
      );
    case 'ready':
      return <Record key={chunk.key} record={state.record} line={line} chunk={chunk} />;
  }
}

/** The cut as it was when the record was made: of an older result not the one that stands there now. */
function useRecordedLine(line: CutLine, { key, availability, chunkIndex }: LineChunk): CutLine {
  const older = availability === 'stale' || availability === 'held' ? key : null;
  const keys = useMemo(() => (older === null ? [] : [older]), [older]);
  const ancestors = useAncestors(keys).get(older ?? '');
  return useMemo(() => (ancestors ? recordedLine(line, chunkIndex, ancestors) : line), [line, chunkIndex, ancestors]);
}

interface RecordProps {
  readonly record: MemoryRecord;
  readonly line: CutLine;
  readonly chunk: LineChunk;
}

function Record({ record, line: present, chunk }: RecordProps) {
  const line = useRecordedLine(present, chunk);
  const [picked, setPicked] = useState<number | null>(null);
  const frame = picked ?? firstFrameToShow(record);
  const directions = useDirections(chunk);
  const undone = undoneDirections(directions, record.settings, record.firstFrame);
  const story = useStudio((state) => state.document?.title ?? '');
  const name = viewFileName(story, chunk);
  const bank = usesBank(record);
  const { shared: views, own } = memoryViews(record);
  const view = { record, line, selectedFrame: frame, onSelectFrame: setPicked };
  const kind = memoryKind(record.settings.mode);
  const canBan = kind.notDirected === null;
  const [naming, setNaming] = useState<number | null>(null);
  const menu = useCallback(
    (of: number): readonly MenuEntry[] => {
      const direction = directions.get(of);
      const { chunk: maker } = labelFrame(line, of);
      const reached = maker && !maker.former ? { shotId: maker.shotId, indexInShot: maker.indexInShot } : null;
      return [
        { text: 'Show why it was remembered', run: () => setPicked(of) },
        {
          text: 'Go to the chunk that made it',
          disabled: reached === null,
          run: () => reached && selectChunk(reached),
        },
        { kind: 'line' },
        ...(direction
          ? [
              {
                text: liftWords(chunk.shotId, direction),
                disabled: direction.shotId === null,
                run: () => liftDirection(chunk.shotId, of, direction),
              },
            ]
          : [
              {
                text: 'Always remember this…',
                disabled: whyNotPin(record, line, of) !== null,
                run: () => setNaming(of),
              },
              { text: 'Never use this', disabled: !canBan, run: () => banFrame(chunk.shotId, of) },
            ]),
      ];
    },
    [record, line, directions, chunk.shotId, canBan],
  );
  useFrameMenu(menu);
  return (
    <TipProvider>
      <div className={css.panel} data-heat>
        <PanelHeader record={record} line={present} chunk={chunk} directedSince={undone.length > 0} />
        {views.includes('frames') && (
          <Section
            title="What it remembered"
            about={framesAbout(kind)}
            fileName={`${name} frames`}
            table={() => filmStripTable(record, line)}
          >
            {canBan && <CastList line={line} shotId={chunk.shotId} directions={directions} onSelect={setPicked} />}
            {!bank && (
              <div className={css.absent}>
                <Absent>{whyNoBank(record)}</Absent>
              </div>
            )}
            <FilmStrip record={record} line={line} directions={directions} selected={frame} onSelect={setPicked} />
          </Section>
        )}
        {own.map(({ title, about, fileName, table, View }) => (
          <Section
            key={title}
            title={title}
            about={about}
            fileName={`${name} ${fileName}`}
            table={() => table(record, line)}
          >
            <View {...view} />
          </Section>
        ))}
        {frame !== null && (
          <Section
            title="Why"
            about={whyAbout(kind)}
            fileName={`${name} why`}
            table={views.includes('retrieval') ? () => whyTable(record, line, frame) : null}
          >
            <Why record={record} line={line} frame={frame} onSelect={setPicked} />
            <FrameActions
              shotId={chunk.shotId}
              label={labelFrame(line, frame)}
              direction={directions.get(frame)}
              whyNotPin={whyNotPin(record, line, frame)}
              canBan={canBan}
              onPin={() => setNaming(frame)}
            />
          </Section>
        )}
        {views.includes('retrieval') && (
          <Section
            title="Layers × frames"
            about="Every layer scores every remembered frame against the prompt and keeps the best for itself."
            fileName={`${name} retrieval`}
            table={() => retrievalTable(record, line)}
          >
            <RetrievalHeatmap {...view} />
          </Section>
        )}
        {views.includes('activation') && (
          <Section
            title="Sparse activation"
            about="In how many of the denoising steps each layer’s heads attended to each bank frame. Click a layer for its heads."
            fileName={`${name} activation`}
            table={record.activation ? () => activationTable(record, line) : null}
          >
            <ActivationHeatmap {...view} />
          </Section>
        )}
        {views.includes('frames') && <FlowSection line={present} chunk={chunk} selectedFrame={frame} name={name} />}
        {naming !== null && (
          <CastNameDialog
            label={labelFrame(line, naming)}
            onClose={() => setNaming(null)}
            onName={(given) => {
              setNaming(null);
              pinFrame(chunk.shotId, naming, given);
            }}
          />
        )}
      </div>
    </TipProvider>
  );
}

function framesAbout({ record }: MemoryKind): string {
  const says = 'Frames of the story so far, by what the model did with them for this chunk.';
  if (record.scores === 'none') return `${says} The small bar shows which layers read it.`;
  return `${says} The number is its retrieval score, mean of layers; the small bar shows which layers kept it.`;
}

function whyAbout({ record }: MemoryKind): string {
  if (record.scores === 'none') return 'Why this memory looked at the chosen frame.';
  return 'How much each word of the prompt drew the chosen frame in, and where in it the prompt looked. Click a word to see the frames it looked at.';
}

function FlowSection(props: {
  readonly line: CutLine;
  readonly chunk: LineChunk;
  readonly selectedFrame: number | null;
  readonly name: string;
}) {
  const { line, chunk, selectedFrame, name } = props;
  const keys = useMemo(() => line.chunks.map(({ key }) => key), [line]);
  const records = useRecords(keys, true);
  const rows = useMemo(() => bankFlow(records, line.chunkFrames), [records, line]);
  const row = rows.find(({ frame }) => frame === selectedFrame);
  const history = useMemo(() => (row ? frameHistory(row, records) : []), [row, records]);
  return (
    <>
      {row && (
        <Section
          title="History of the chosen frame"
          about="What the frame was to each chunk after it. Shot 3.2 is the second chunk of the third shot; the number at the end is the retrieval score."
          fileName={`${name} frame ${row.frame} history`}
          table={() => historyTable(row, history, line)}
        >
          <FrameHistory entries={history} line={line} />
        </Section>
      )}
      <Section
        title="Bank flow over this cut"
        about="Each remembered frame’s life, from entering memory to its last recall. Bars are the chunks whose banks held it; click to go there."
        fileName={`${name} bank flow`}
        table={() => bankFlowTable(rows, line)}
      >
        <BankFlow rows={rows} line={line} selectedFrame={selectedFrame} selectedChunk={chunk.chunkIndex} />
      </Section>
    </>
  );
}

/** What has been said of frames up to the chunk's shot. */
function useDirections(chunk: LineChunk) {
  const memory = useStudio((state) => state.document?.memory);
  const byId = useStory((state) => state.byId);
  return useMemo(() => {
    const path = [];
    for (let shot = byId.get(chunk.shotId); shot; shot = shot.parent === null ? undefined : byId.get(shot.parent)) {
      path.unshift(shot);
    }
    return directionsAt(memory ?? {}, path);
  }, [memory, byId, chunk.shotId]);
}

/** The frame most layers kept; without a bank, the newest in view. */
function firstFrameToShow(record: MemoryRecord): number | null {
  const held = record.spatial[0]?.frame ?? record.bank.flat()[0];
  return held ?? record.candidates[0] ?? null;
}

function whyNoBank({ settings }: MemoryRecord): string {
  const { name, says } = memoryChoice(settings);
  const other = memoryKind(settings.mode).choices.findLast(({ recalls }) => recalls);
  const advice = other ? ` Choose “${other.name}” in the Shot tab to give the shot a memory.` : '';
  return `There is no bank with the memory “${name}”. ${says}${advice}`;
}

/** Only prototypes can be pinned: of every so many chunks, the first frame. */
function whyNotPin(record: MemoryRecord, line: CutLine, frame: number): string | null {
  if (!usesBank(record)) return 'Without a bank there is no cast.';
  const { notDirected } = memoryKind(record.settings.mode);
  if (notDirected) return notDirected;
  const { chunkIndex, chunk } = labelFrame(line, frame);
  if (chunk?.former) return 'This frame is no longer part of the cut: it only shows what the older result remembered.';
  const isPrototype = frame % record.frames === 0 && chunkIndex % record.settings.recordInterval === 0;
  return isPrototype ? null : 'Only the first frame of a chunk enters memory and can join the cast.';
}

function whyTable(record: MemoryRecord, line: CutLine, frame: number): Table {
  return record.pull.length > 0 ? wordTable(record, line) : spatialTable(record, frame);
}
