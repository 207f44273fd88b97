import { describe, expect, it } from 'vitest';
import { frameScale, layoutSheet, type Measure, type SheetFrame, wrapText } from './sheet-layout.ts';

/** Every character ten pixels wide. */
const measure: Measure = (text) => text.length * 10;

const frame = (more: Partial<SheetFrame> = {}): SheetFrame => ({
  rgb: new Uint8Array(160 * 96 * 3),
  width: 160,
  height: 96,
  ...more,
});

describe('wrapping', () => {
  it('breaks at spaces, inside words only where it must, and keeps line breaks', () => {
    expect(wrapText('a red fox\nabcdefghijkl x', 'caption', 60, measure)).toEqual([
      'a red',
      'fox',
      'abcdef',
      'ghijkl',
      'x',
    ]);
    expect(wrapText('', 'caption', 60, measure)).toEqual([]);
  });
});

describe('sheet layout', () => {
  it('enlarges small frames by a whole factor and leaves large ones alone', () => {
    expect([160, 96, 320, 832].map((width) => frameScale({ width, height: 1 }))).toEqual([2, 3, 1, 1]);
  });

  it('keeps frames apart, inside their row and in order', () => {
    const { rows, width, height } = layoutSheet(
      {
        title: 'Film',
        rows: [
          { caption: 'one', frames: Array.from({ length: 7 }, (_, i) => frame({ label: `${i}` })) },
          { caption: 'two', frames: [frame()] },
        ],
      },
      measure,
    );
    for (const row of rows) {
      for (const { box } of row.frames) {
        expect(box.x).toBeGreaterThan(row.box.x);
        expect(box.x + box.width).toBeLessThan(row.box.x + row.box.width);
        expect(box.y + box.height).toBeLessThan(row.box.y + row.box.height);
      }
      expect(row.box.x + row.box.width).toBeLessThan(width);
      expect(row.box.y + row.box.height).toBeLessThan(height);
    }
    expect(rows[0]!.frames.map(({ label }) => label?.text)).toEqual(['0', '1', '2', '3', '4', '5', '6']);
    expect(new Set(rows[0]!.frames.map(({ box }) => `${box.x},${box.y}`)).size).toBe(7);
    expect(rows[1]!.box.y).toBeGreaterThan(rows[0]!.box.y + rows[0]!.box.height);
  });

  it('grows with a long caption', () => {
    const heightOf = (caption: string) =>
      layoutSheet({ title: 'Film', rows: [{ caption, frames: [frame()] }] }, measure).rows[0]!.box.height;
    expect(heightOf('word '.repeat(200))).toBeGreaterThan(heightOf('word'));
  });

  it('shows only the marks in use', () => {
    const legendOf = (frames: SheetFrame[]) =>
      layoutSheet({ title: 'Film', rows: [{ caption: '', frames }] }, measure).legend;
    expect(legendOf([frame()])).toEqual([]);
    expect(legendOf([frame({ mark: 'new' })])).toEqual(['new']);
  });

  it('refuses frames that do not fit, none at all, and sheets no viewer opens', () => {
    const sheet = (frames: SheetFrame[]) => () => layoutSheet({ title: '', rows: [{ caption: '', frames }] }, measure);
    expect(sheet([frame({ width: 161 })])).toThrow(/161 x 96/);
    expect(sheet([])).toThrow(/no frames/);
    expect(sheet(Array.from({ length: 2000 }, () => frame()))).toThrow(/more than image viewers open/);
  });
});
