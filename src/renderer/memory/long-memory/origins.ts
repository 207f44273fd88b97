import { type MemoryTold, toldBy } from '../../../shared/memories/index.ts';
import type { MemoryRecord } from '../../../shared/memory-record.ts';
import { type CutLine, labelFrame } from '../line/line.ts';
import type { Table } from '../saving/tables.ts';

/** What a record of MemoryPack tells. */
export type LongMemoryTold = Extract<MemoryTold, { of: 'memorypack' }>;

/** What a record tells of the long memory; null of other memories. */
export function longMemoryOf(record: Pick<MemoryRecord, 'told'>): LongMemoryTold | null {
  return toldBy('memorypack', record);
}

/** A part of the long memory by where it comes from. */
export interface Origin {
  readonly name: string;
  /** 0..1 of the whole. */
  readonly share: number;
}

/** Words as they were said, then the picture and what is not told one by one, where there is any. */
export function originsBesideFrames({ words, picture, rest }: LongMemoryTold): Origin[] {
  return [
    ...words.map(({ text, share }) => ({ name: text, share })),
    ...(picture === null ? [] : [{ name: 'the given picture', share: picture }]),
    ...(rest > 0 ? [{ name: 'everything else', share: rest }] : []),
  ];
}

/** The frames with the largest shares, in the story's order. */
export function framesHeld({ frames }: LongMemoryTold, most: number): LongMemoryTold['frames'] {
  const held = [...frames].sort((a, b) => b.share - a.share || b.frame - a.frame).slice(0, most);
  return held.sort((a, b) => a.frame - b.frame);
}

/** A share in words: 0 % is said of nothing alone, however small the others are. */
export function percent(share: number): string {
  if (share === 0) return '0 %';
  if (share < 0.001) return 'under 0.1 %';
  return `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;
}

/** One row a word, picture and frame. */
export function longMemoryTable(record: MemoryRecord, line: CutLine): Table {
  const told = longMemoryOf(record);
  return {
    columns: ['kind', 'word', 'frame', 'time_sec', 'share'],
    rows: !told
      ? []
      : [
          ...told.words.map(({ text, share }) => ['word', text, null, null, share]),
          ...(told.picture === null ? [] : [['picture', null, null, null, told.picture]]),
          ...told.frames.map(({ frame, share }) => [
            'frame',
            null,
            frame,
            Number(labelFrame(line, frame).timeSec.toFixed(4)),
            share,
          ]),
          ['rest', null, null, null, told.rest],
        ],
  };
}
