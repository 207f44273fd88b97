import { ThroughlineError } from '../../shared/errors.ts';
import type { PictureSize } from './geometry.ts';

/** Why a frame is marked: the model looked back at it, or it was added to memory. */
export type FrameMark = 'remembered' | 'new';

/** A frame on a contact sheet. */
export interface SheetFrame extends PictureSize {
  /** [height, width, 3], 0..255; read, never kept. */
  readonly rgb: Uint8Array;
  /** Below the frame, usually its time code. */
  readonly label?: string;
  readonly mark?: FrameMark;
}

/** A row of a contact sheet: usually a shot. */
export interface SheetRow {
  /** What stands above the caption; its place on the sheet, from 1, unless given. */
  readonly number?: string;
  readonly caption: string;
  readonly note?: string;
  readonly frames: readonly SheetFrame[];
}

/** What a contact sheet shows. */
export interface SheetContent {
  readonly title: string;
  readonly subtitle?: string;
  readonly rows: readonly SheetRow[];
}

/** A place on the sheet, in pixels from its top left. */
export interface Box extends PictureSize {
  readonly x: number;
  readonly y: number;
}

/** A line of text; y is its baseline. */
export interface TextLine {
  readonly text: string;
  readonly x: number;
  readonly y: number;
}

/** A row with everything in its place. */
export interface PlacedRow {
  readonly number: TextLine;
  readonly caption: readonly TextLine[];
  readonly note: readonly TextLine[];
  readonly frames: readonly { readonly frame: SheetFrame; readonly box: Box; readonly label: TextLine | null }[];
  readonly box: Box;
}

/** A sheet ready to be drawn. */
export interface SheetLayout extends PictureSize {
  readonly title: readonly TextLine[];
  readonly subtitle: readonly TextLine[];
  readonly legend: readonly FrameMark[];
  readonly legendAt: { readonly x: number; readonly y: number };
  readonly rows: readonly PlacedRow[];
}

/** Text sizes in pixels; the drawing uses the same. */
export const textSize = { title: 34, subtitle: 17, number: 14, caption: 17, note: 14, label: 13 } as const;
export type TextStyle = keyof typeof textSize;

/** Width in pixels of a text in a style. */
export type Measure = (text: string, style: TextStyle) => number;

const margin = 48;
const textWidth = 300;
const gutter = 32;
const frameGap = 16;
const rowGap = 28;
const rowPadding = 24;
const labelHeight = 24;
const lineFactor = 1.4;
/** Small frames are brought to about this width by a whole factor. */
const wantedFrameWidth = 300;
const stripWidth = 1328;
const mostColumns = 6;
/** What the drawing library and most viewers open. */
const mostHeight = 30_000;
const mostPixels = 120_000_000;

/**
 * Puts titles, captions and frames in their places: captions wrapped at the left, frames at a whole factor of
 * their size at the right, as many a line as fit.
 * @throws ThroughlineError `bad-input` for a frame whose bytes do not fit its size, no frames at all, or too large a sheet
 */
export function layoutSheet(content: SheetContent, measure: Measure): SheetLayout {
  const frames = content.rows.flatMap((row) => row.frames);
  checkFrames(frames);
  const tileWidth = Math.max(...frames.map((frame) => frame.width * frameScale(frame)));
  const columns = Math.max(
    2,
    Math.min(mostColumns, Math.floor((stripWidth + frameGap) / (tileWidth + frameGap)), longestRow(content.rows)),
  );
  const framesX = margin + rowPadding + textWidth + gutter;
  const width = framesX + columns * (tileWidth + frameGap) - frameGap + rowPadding + margin;

  const legend = (['remembered', 'new'] as const).filter((mark) => frames.some((frame) => frame.mark === mark));
  const titleWidth = width - 2 * margin;
  const title = placeText(content.title, 'title', margin, margin + textSize.title, titleWidth, measure);
  let y = endOf(title, 'title', margin);
  const subtitle = placeText(content.subtitle ?? '', 'subtitle', margin, y + textSize.subtitle, titleWidth, measure);
  y = endOf(subtitle, 'subtitle', y);
  const legendAt = { x: margin, y: y + 22 };
  y += legend.length > 0 ? 56 : 24;

  const rows = content.rows.map((row, index) => {
    const placed = placeRow(row, index, { x: framesX, y, columns, tileWidth, width }, measure);
    y += placed.box.height + rowGap;
    return placed;
  });
  const height = y - rowGap + margin;
  if (height > mostHeight || width * height > mostPixels) {
    throw new ThroughlineError(
      'bad-input',
      `The contact sheet would be ${width} x ${height} pixels, more than image viewers open.`,
      'Put fewer frames of each shot on it, or make a sheet for each part of the film.',
    );
  }
  return { width, height, title, subtitle, legend, legendAt, rows };
}

function placeRow(
  row: SheetRow,
  index: number,
  at: { x: number; y: number; columns: number; tileWidth: number; width: number },
  measure: Measure,
): PlacedRow {
  const left = margin + rowPadding;
  const top = at.y + rowPadding;
  const number = { text: row.number ?? `${index + 1}`, x: left, y: top + textSize.number };
  let textY = top + textSize.number * lineFactor + 6;
  const caption = placeText(row.caption, 'caption', left, textY + textSize.caption, textWidth, measure);
  textY = endOf(caption, 'caption', textY) + (row.note ? 8 : 0);
  const note = placeText(row.note ?? '', 'note', left, textY + textSize.note, textWidth, measure);
  textY = endOf(note, 'note', textY);

  let lineY = top;
  const frames: PlacedRow['frames'][number][] = [];
  for (let first = 0; first < row.frames.length; first += at.columns) {
    const line = row.frames.slice(first, first + at.columns);
    const tallest = Math.max(...line.map((frame) => frame.height * frameScale(frame)));
    line.forEach((frame, column) => {
      const scale = frameScale(frame);
      const box = {
        x: at.x + column * (at.tileWidth + frameGap),
        y: lineY,
        width: frame.width * scale,
        height: frame.height * scale,
      };
      const label = frame.label ? { text: frame.label, x: box.x, y: lineY + box.height + 18 } : null;
      frames.push({ frame, box, label });
    });
    lineY += tallest + (line.some((frame) => frame.label) ? labelHeight : 0) + frameGap;
  }
  const bottom = Math.ceil(Math.max(textY, lineY - frameGap)) + rowPadding;
  return {
    number,
    caption,
    note,
    frames,
    box: { x: margin, y: at.y, width: at.width - 2 * margin, height: bottom - at.y },
  };
}

/** Whole factor a frame is drawn at, so that each of its pixels stays a square of equal size. */
export function frameScale({ width }: PictureSize): number {
  return Math.max(1, Math.round(wantedFrameWidth / width));
}

/**
 * Breaks a text into lines no wider than `width`, at spaces, inside a word only where it is wider than a line alone.
 * Line breaks in the text are kept.
 */
export function wrapText(text: string, style: TextStyle, width: number, measure: Measure): string[] {
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    let line = '';
    for (const word of paragraph.split(/\s+/).filter(Boolean)) {
      const joined = line ? `${line} ${word}` : word;
      if (measure(joined, style) <= width) {
        line = joined;
        continue;
      }
      if (line) lines.push(line);
      line = '';
      for (const character of word) {
        if (line && measure(line + character, style) > width) {
          lines.push(line);
          line = '';
        }
        line += character;
      }
    }
    if (line) lines.push(line);
  }
  return lines;
}

function placeText(text: string, style: TextStyle, x: number, y: number, width: number, measure: Measure): TextLine[] {
  return wrapText(text, style, width, measure).map((line, index) => ({
    text: line,
    x,
    y: y + index * textSize[style] * lineFactor,
  }));
}

function endOf(lines: readonly TextLine[], style: TextStyle, otherwise: number): number {
  return lines.length === 0 ? otherwise : lines.at(-1)!.y + textSize[style] * (lineFactor - 1);
}

function longestRow(rows: readonly SheetRow[]): number {
  return Math.max(...rows.map((row) => row.frames.length));
}

function checkFrames(frames: readonly SheetFrame[]): void {
  if (frames.length === 0) {
    throw new ThroughlineError(
      'bad-input',
      'The contact sheet has no frames.',
      'Generate at least one chunk before making one.',
    );
  }
  for (const { rgb, width, height } of frames) {
    if (
      !(
        Number.isInteger(width) &&
        Number.isInteger(height) &&
        width > 0 &&
        height > 0 &&
        rgb.length === width * height * 3
      )
    ) {
      throw new ThroughlineError(
        'bad-input',
        `A frame of the contact sheet says it is ${width} x ${height} but has ${rgb.length} bytes instead of ${width * height * 3}.`,
        'Hand over whole RGB frames.',
      );
    }
  }
}
