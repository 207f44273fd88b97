import { expect, it } from 'vitest';
import { type CutLine, describeFrame, type LineChunk, labelFrame } from './line.ts';
import { recordedLine } from './recorded-line.ts';

const chunk = (chunkIndex: number, key: string | null): LineChunk => ({
  ...{
    chunkIndex,
    shotId: `shot-${chunkIndex}`,
    shotIndex: chunkIndex,
    shotName: `A scene ${chunkIndex}`,
    fullName: '',
    prompt: '',
  },
  ...{ indexInShot: 0, chunksInShot: 1, key, availability: 'fresh' },
});
const line: CutLine = { chunks: [chunk(0, 'a'), chunk(1, 'new'), chunk(2, 'old result')], chunkFrames: 3, fps: 8 };

it('a frame is labelled by what stood there when the result was made', () => {
  const then = recordedLine(line, 2, [
    { chunkIndex: 0, key: 'a', prompt: 'A scene 0' },
    { chunkIndex: 1, key: 'former', prompt: 'A duck on the beach' },
  ]);
  expect(then.chunks[0]).toBe(line.chunks[0]);
  expect(then.chunks[2]).toBe(line.chunks[2]);
  const label = labelFrame(then, 4);
  expect([label.shot, label.picture]).toEqual(['once Duck on the beach', '/media/frame/former/1.webp']);
  expect(describeFrame(label)).toBe('once Duck on the beach, 0:01.6');
  expect(labelFrame(then, 1).shot).toBe('1 Scene 0');
});

it('what is no longer stored has neither picture nor name', () => {
  const label = labelFrame(recordedLine(line, 2, []), 0);
  expect([label.shot, label.picture]).toEqual(['once a deleted chunk', null]);
});
