import { createCanvas, ImageData, type SKRSContext2D } from '@napi-rs/canvas';
import { ThroughlineError } from '../../shared/errors.ts';
import { lookAtTarget, type Target, writeFileAtomically } from '../files/index.ts';
import type { PictureSize } from './geometry.ts';
import { missingGlyphs, missingGlyphsNote } from './missing-glyphs.ts';
import { families, registerFonts } from './pictures/fonts.ts';
import {
  type Box,
  type FrameMark,
  frameScale,
  layoutSheet,
  type Measure,
  type PlacedRow,
  type SheetContent,
  type SheetFrame,
  type SheetLayout,
  type SheetRow,
  type TextLine,
  type TextStyle,
  textSize,
} from './sheet-layout.ts';

/** Colours of the editor: teal is memory, green is fresh. */
const colour = {
  background: '#0e1116',
  panel: '#161b22',
  border: '#232a34',
  title: '#f2f5f8',
  text: '#dde3ea',
  faint: '#8b97a5',
  remembered: '#2fc4b2',
  new: '#8fd14f',
} as const;

const markText: Record<FrameMark, string> = { remembered: 'remembered by a later chunk', new: 'added to memory' };
const markWidth = 3;
const corner = 10;

const styleColour: Record<TextStyle, string> = {
  title: colour.title,
  subtitle: colour.faint,
  number: colour.faint,
  caption: colour.text,
  note: colour.faint,
  label: colour.faint,
};

/** A contact sheet that was written. */
export interface SheetSummary {
  readonly path: string;
  /** What a person should be told of it: characters that no font here has; null for a sheet without fault. */
  readonly note: string | null;
}

/**
 * Draws a contact sheet and writes it as PNG, never half of it.
 * @param path over whatever is there; or a place that was looked at before, so that nothing newer is replaced
 * @throws ThroughlineError `bad-input` for frames that do not fit or too many of them, `export-failed` if it cannot be written
 */
export async function writeContactSheet(path: string | Target, content: SheetContent): Promise<SheetSummary> {
  const target = typeof path === 'string' ? await lookAtTarget(path, true) : path;
  registerFonts();
  const layout = layoutSheet(content, measure());
  const place = await writeFileAtomically(target, await draw(layout));
  const { title, subtitle = '', rows } = content;
  const texts = [title, subtitle, ...rows.flatMap(({ caption, note = '' }) => [caption, note])];
  return { path: place, note: missingGlyphsNote(missingGlyphs(texts.join(' '), families)) };
}

/**
 * Lays a sheet out without its pictures, to know beforehand whether it can be drawn.
 * @throws ThroughlineError `bad-input` for no frames at all, or too large a sheet
 */
export function blankSheet(
  content: Omit<SheetContent, 'rows'> & {
    readonly rows: readonly (Omit<SheetRow, 'frames'> & { readonly frames: readonly PictureSize[] })[];
  },
): void {
  registerFonts();
  const blanks = new Map<number, Uint8Array>();
  const blank = ({ width, height }: PictureSize): SheetFrame => {
    const bytes = width * height * 3;
    const rgb = blanks.get(bytes) ?? new Uint8Array(bytes);
    blanks.set(bytes, rgb);
    return { rgb, width, height, label: '0:00.0' };
  };
  layoutSheet({ ...content, rows: content.rows.map((row) => ({ ...row, frames: row.frames.map(blank) })) }, measure());
}

/** Measures texts as they will be drawn. */
function measure(): Measure {
  const ruler = createCanvas(1, 1).getContext('2d');
  return (text, style) => {
    ruler.font = fontOf(style);
    return ruler.measureText(text).width;
  };
}

async function draw(layout: SheetLayout): Promise<Uint8Array> {
  const canvas = createCanvas(layout.width, layout.height);
  const context = canvas.getContext('2d');
  context.fillStyle = colour.background;
  context.fillRect(0, 0, layout.width, layout.height);
  for (const line of layout.title) write(context, line, 'title');
  for (const line of layout.subtitle) write(context, line, 'subtitle');
  drawLegend(context, layout);
  for (const row of layout.rows) drawRow(context, row);
  try {
    return await canvas.encode('png');
  } catch (error) {
    throw new ThroughlineError('export-failed', 'The contact sheet could not be drawn.', 'Put fewer frames on it.', {
      cause: error,
    });
  }
}

function drawLegend(context: SKRSContext2D, { legend, legendAt }: SheetLayout): void {
  let { x } = legendAt;
  for (const mark of legend) {
    context.strokeStyle = colour[mark];
    context.lineWidth = markWidth;
    context.strokeRect(x + 1.5, legendAt.y - 11.5, 17, 11);
    write(context, { text: markText[mark], x: x + 28, y: legendAt.y }, 'label');
    x += 28 + context.measureText(markText[mark]).width + 28;
  }
}

function drawRow(context: SKRSContext2D, row: PlacedRow): void {
  context.beginPath();
  context.roundRect(row.box.x + 0.5, row.box.y + 0.5, row.box.width - 1, row.box.height - 1, corner);
  context.fillStyle = colour.panel;
  context.fill();
  context.strokeStyle = colour.border;
  context.lineWidth = 1;
  context.stroke();
  write(context, row.number, 'number');
  for (const line of row.caption) write(context, line, 'caption');
  for (const line of row.note) write(context, line, 'note');
  for (const { frame, box, label } of row.frames) {
    drawFrame(context, frame, box);
    if (label) write(context, label, 'label', frame.mark && colour[frame.mark]);
  }
}

function drawFrame(context: SKRSContext2D, frame: SheetFrame, box: Box): void {
  context.putImageData(enlarge(frame), box.x, box.y);
  if (!frame.mark) return;
  context.strokeStyle = colour[frame.mark];
  context.lineWidth = markWidth;
  const outside = markWidth / 2;
  context.strokeRect(box.x - outside, box.y - outside, box.width + markWidth, box.height + markWidth);
}

/** Each pixel a square of `frameScale` pixels, as RGBA. */
function enlarge(frame: SheetFrame): ImageData {
  const scale = frameScale(frame);
  const width = frame.width * scale;
  const height = frame.height * scale;
  const rgba = new Uint8ClampedArray(width * height * 4);
  for (let y = 0, o = 0; y < height; y++) {
    const row = Math.floor(y / scale) * frame.width;
    for (let x = 0; x < width; x++, o += 4) {
      const i = (row + Math.floor(x / scale)) * 3;
      rgba[o] = frame.rgb[i]!;
      rgba[o + 1] = frame.rgb[i + 1]!;
      rgba[o + 2] = frame.rgb[i + 2]!;
      rgba[o + 3] = 255;
    }
  }
  return new ImageData(rgba, width, height);
}

function write(context: SKRSContext2D, { text, x, y }: TextLine, style: TextStyle, fill?: string): void {
  context.font = fontOf(style);
  context.fillStyle = fill ?? styleColour[style];
  context.fillText(text, x, y);
}

function fontOf(style: TextStyle): string {
  const weight = style === 'title' || style === 'number' ? 600 : 400;
  return `${weight} ${textSize[style]}px ${families}`;
}
