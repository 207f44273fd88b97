import { graphemes } from '../../../shared/text.ts';
import type { PictureSize } from '../geometry.ts';
import type { Box } from '../sheet-layout.ts';
import type { BoardsOptions } from './options.ts';

/** Sizes in points (1/72 inch). */
const papers = { a4: { width: 595, height: 842 }, letter: { width: 612, height: 792 } } as const;
export const margin = 32;
export const headerHeight = 34;
export const footerHeight = 18;
const gap = 14;
const textGap = 8;

/** Text sizes in points. */
export const textSize = { title: 13, header: 8.5, label: 9, body: 8 } as const;
export const lineHeight = 1.3;

/** Columns and rows of a page of so many panels. */
const grids: Readonly<Record<BoardsOptions['orientation'], Readonly<Record<number, readonly [number, number]>>>> = {
  portrait: { 1: [1, 1], 2: [1, 2], 3: [1, 3], 4: [2, 2], 6: [2, 3], 8: [2, 4], 9: [3, 3], 12: [3, 4] },
  landscape: { 1: [1, 1], 2: [2, 1], 3: [3, 1], 4: [2, 2], 6: [3, 2], 8: [4, 2], 9: [3, 3], 12: [4, 3] },
};

/** Where a panel's picture and its text go, in points from the page's top left. */
export interface PanelBox {
  readonly picture: Box;
  readonly text: Box;
}

export interface PageLayout {
  readonly page: PictureSize;
  /** In reading order. */
  readonly panels: readonly PanelBox[];
}

/** A page of boards. Panels that are wider than high have their text beside the picture, others below it. */
export function layoutPage(
  options: Pick<BoardsOptions, 'paper' | 'orientation' | 'panels'>,
  film: PictureSize,
): PageLayout {
  const paper = papers[options.paper];
  const page = options.orientation === 'portrait' ? { ...paper } : { width: paper.height, height: paper.width };
  const [columns, rows] = grids[options.orientation][options.panels] as readonly [number, number];
  const width = (page.width - 2 * margin - (columns - 1) * gap) / columns;
  const top = margin + headerHeight;
  const height = (page.height - top - margin - footerHeight - (rows - 1) * gap) / rows;
  const panels = Array.from({ length: columns * rows }, (_, i): PanelBox => {
    const x = margin + (i % columns) * (width + gap);
    const y = top + Math.floor(i / columns) * (height + gap);
    return panelIn({ x, y, width, height }, film);
  });
  return { page, panels };
}

/** At least this share of a panel is left to its text. */
const leastText = 0.28;

function panelIn(box: Box, film: PictureSize): PanelBox {
  const ratio = film.width / film.height;
  const besideWidth = Math.min(box.height * ratio, box.width * (1 - leastText));
  const belowWidth = Math.min(box.width, box.height * (1 - leastText) * ratio);
  if (besideWidth > belowWidth * 1.05) {
    const picture = { x: box.x, y: box.y, width: besideWidth, height: besideWidth / ratio };
    const x = box.x + besideWidth + textGap;
    return { picture, text: { x, y: box.y, width: box.width - besideWidth - textGap, height: box.height } };
  }
  const picture = { x: box.x, y: box.y, width: belowWidth, height: belowWidth / ratio };
  const y = box.y + picture.height + textGap;
  return { picture, text: { x: box.x, y, width: box.width, height: box.height - picture.height - textGap } };
}

/** Width in points of a text. */
export type Measure = (text: string) => number;

/** Breaks a text into lines of a width: at spaces, and within a word that is wider than a line. Empty lines are dropped. */
export function wrap(text: string, width: number, measure: Measure): string[] {
  return text.split(/\r\n|\r|\n/).flatMap((paragraph) => wrapParagraph(paragraph.trim(), width, measure));
}

function wrapParagraph(text: string, width: number, measure: Measure): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (measure(longer) <= width) {
      line = longer;
      continue;
    }
    if (line !== '') lines.push(line);
    const parts = pieces(word, width, measure);
    lines.push(...parts.slice(0, -1));
    line = parts.at(-1) ?? '';
  }
  if (line !== '') lines.push(line);
  return lines;
}

function pieces(word: string, width: number, measure: Measure): string[] {
  const parts: string[] = [];
  let part = '';
  for (const sign of graphemes(word)) {
    if (part !== '' && measure(part + sign) > width) {
      parts.push(part);
      part = '';
    }
    part += sign;
  }
  parts.push(part);
  return parts;
}
