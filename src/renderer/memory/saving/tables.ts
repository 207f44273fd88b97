import type { MemoryRecord } from '../../../shared/memory-record.ts';
import type { FlowRow, FlowState } from '../bank-flow/frame-lives.ts';
import { filmStrip } from '../film-strip/remembered-frames.ts';
import type { HistoryEntry } from '../frame-history/frame-history.ts';
import { activationMatrix, type Matrix, retrievalMatrix } from '../heatmaps/matrices.ts';
import { type CutLine, labelFrame } from '../line/line.ts';
import { spatialMap } from '../why/attention-map.ts';
import { framesPulledBy } from '../why/word-pulls.ts';

type Cell = string | number | boolean | null;

/** The numbers behind a view: what its CSV and JSON files hold. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

/** RFC 4180: a header, CRLF, quotes doubled. Nothing is written for null. */
export function toCsv({ columns, rows }: Table): string {
  return [columns, ...rows].map((row) => `${row.map(csvCell).join(',')}\r\n`).join('');
}

/** An array of objects, one a row. */
export function toJson({ columns, rows }: Table): string {
  const objects = rows.map((row) => Object.fromEntries(columns.map((name, i) => [name, meant(row[i] ?? null)])));
  return `${JSON.stringify(objects, null, 2)}\n`;
}

/** Digits that a number of the model means: it computes in single precision. */
const meantDigits = 6;

function meantNumber(value: number): number {
  return Number(value.toPrecision(meantDigits));
}

function meant(cell: Cell): Cell {
  return typeof cell === 'number' ? meantNumber(cell) : cell;
}

function csvCell(cell: Cell): string {
  if (cell === null) return '';
  const text = String(meant(cell));
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export const frameColumns = ['frame', 'shot_number', 'shot', 'time_sec'] as const;

/** The shot's number is left out where the cut no longer shows it. */
export function frameCells(line: CutLine, frame: number): Cell[] {
  const { chunk, timeSec } = labelFrame(line, frame);
  const number = chunk && !chunk.former ? chunk.shotIndex + 1 : null;
  return [frame, number, chunk?.fullName ?? null, Number(timeSec.toFixed(4))];
}

/** One row a frame and pack, as the record has them. */
export function packsTable(record: MemoryRecord, line: CutLine): Table {
  return {
    columns: [...frameColumns, 'frames_as_one', 'tokens_of_these'],
    rows: (record.packs ?? []).flatMap(({ rate, frames, tokens }) =>
      frames.map((frame) => [...frameCells(line, frame), rate, tokens]),
    ),
  };
}

export function filmStripTable(record: MemoryRecord, line: CutLine): Table {
  return {
    columns: [...frameColumns, 'role', 'score_mean', 'layers_kept', 'cast_name', 'banned'],
    rows: filmStrip(record).map((entry) => [
      ...frameCells(line, entry.frame),
      entry.role,
      entry.score,
      entry.layers.map((layer) => layer + 1).join(' '),
      entry.pinned,
      entry.banned,
    ]),
  };
}

/** One row a word and candidate. */
export function wordTable(record: MemoryRecord, line: CutLine): Table {
  return {
    columns: ['word_index', 'word', 'known', ...frameColumns, 'pull', 'lift'],
    rows: record.words.flatMap(({ text, known }, word) =>
      framesPulledBy(record, word).map(({ frame, pull, lift }) => [
        word + 1,
        text,
        known,
        ...frameCells(line, frame),
        pull,
        lift,
      ]),
    ),
  };
}

/** One row a cell of the recalled frame; `share` is of the prompt's whole attention. */
export function spatialTable(record: MemoryRecord, frame: number): Table {
  const map = spatialMap(record, frame);
  return {
    columns: ['frame', 'row', 'column', 'share'],
    rows: (map?.values ?? []).map((value, i) => {
      const columns = map?.columns ?? 1;
      return [frame, Math.floor(i / columns) + 1, (i % columns) + 1, value * (map?.peak ?? 0)];
    }),
  };
}

export function retrievalTable(record: MemoryRecord, line: CutLine): Table {
  return matrixTable(retrievalMatrix(record), line, 'score', 'kept');
}

/** All heads, whatever is expanded on screen. */
export function activationTable(record: MemoryRecord, line: CutLine): Table {
  const everyLayer = new Set(record.bank.keys());
  const matrix = activationMatrix(record, everyLayer) ?? { frames: [], rows: [], scale: { low: 0, high: 1 } };
  return matrixTable(matrix, line, 'share_of_steps', 'in_bank');
}

function matrixTable(matrix: Matrix, line: CutLine, value: string, kept: string): Table {
  return {
    columns: ['layer', 'head', ...frameColumns, value, kept],
    rows: matrix.rows.flatMap((row) =>
      matrix.frames.flatMap((frame, i): Cell[][] => {
        const number = row.values[i] ?? null;
        if (number === null) return [];
        const head = row.head === null ? null : row.head + 1;
        return [[row.layer + 1, head, ...frameCells(line, frame), number, row.kept[i] ?? false]];
      }),
    ),
  };
}

/** One row a frame and chunk. */
export function bankFlowTable(rows: readonly FlowRow[], line: CutLine): Table {
  return {
    columns: [...frameColumns, 'chunk', 'state', 'share_of_layers'],
    rows: rows.flatMap((row) =>
      row.states.map((state, i) => [
        ...frameCells(line, row.frame),
        row.enteredChunk + 2 + i,
        state.state,
        shareOf(state),
      ]),
    ),
  };
}

/** One row a stretch of chunks, counted from 1. */
export function historyTable(row: FlowRow, history: readonly HistoryEntry[], line: CutLine): Table {
  return {
    columns: [...frameColumns, 'first_chunk', 'last_chunk', 'state', 'share_of_layers', 'score_least', 'score_largest'],
    rows: history.map(({ firstChunk, lastChunk, state, scores }) => [
      ...frameCells(line, row.frame),
      firstChunk + 1,
      lastChunk + 1,
      state.state,
      shareOf(state),
      scores?.low ?? null,
      scores?.high ?? null,
    ]),
  };
}

function shareOf(state: FlowState): number {
  return state.state === 'bank' ? state.fraction : 0;
}
