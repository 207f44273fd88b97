import { describe, expect, it } from 'vitest';
import type { PlacedShot } from '../../shared/project/layout.ts';
import { dropPlaceAt } from './drop.ts';
import { type Stop, step } from './navigate.ts';
import { cardLevel, chunkWidth, enlargement, frameOfX, laneHeight, tickLabel, tickStep, xOfFrame } from './scale.ts';

const scale = { fps: 8, chunkFrames: 3 };

/** A shot of `chunks` chunks of a second each. */
function stop(id: string, parent: string | null, startSec: number, chunks: number, lane: number): Stop {
  const placed = { x: startSec * chunkWidth, y: lane * laneHeight, width: chunks * chunkWidth };
  return { id, parent, chunks, lane, number: 1, startSec, durationSec: chunks, ...placed };
}

// a (2) - b (3)
//      \ c (1) - d (2)
const story = [stop('a', null, 0, 2, 0), stop('b', 'a', 2, 3, 0), stop('c', 'a', 2, 1, 1), stop('d', 'c', 3, 2, 1)];

describe('time in the graph', () => {
  it('makes the first chunk as wide as the others although it is shorter', () => {
    expect(xOfFrame(9, scale)).toBe(chunkWidth);
    expect(xOfFrame(21, scale)).toBe(2 * chunkWidth);
  });

  it('finds the frame of a place again', () => {
    for (const frame of [0, 4, 9, 10, 33]) expect(frameOfX(xOfFrame(frame, scale), scale)).toBeCloseTo(frame);
  });

  it('spaces ticks so that labels do not touch', () => {
    expect(tickStep(64, 76)).toBe(2);
    expect(tickStep(1, 76)).toBe(120);
    expect(tickLabel(1.5)).toBe('1.5 s');
    expect(tickLabel(150)).toBe('2:30');
  });
});

describe('walking with arrow keys', () => {
  const onward = new Set(['a', 'c', 'd']);

  it('goes from chunk to chunk and on into the active cut', () => {
    expect(step(story, { shotId: 'a', indexInShot: 0 }, 'right', onward)).toEqual({ shotId: 'a', indexInShot: 1 });
    expect(step(story, { shotId: 'a', indexInShot: 1 }, 'right', onward)).toEqual({ shotId: 'c', indexInShot: 0 });
    expect(step(story, { shotId: 'a', indexInShot: 1 }, 'right', new Set())).toEqual({ shotId: 'b', indexInShot: 0 });
  });

  it('goes back to the last chunk of what came before', () => {
    expect(step(story, { shotId: 'd', indexInShot: 0 }, 'left', onward)).toEqual({ shotId: 'c', indexInShot: 0 });
    expect(step(story, { shotId: 'a', indexInShot: 0 }, 'left', onward)).toBeNull();
  });

  it('goes to the same time in another lane', () => {
    expect(step(story, { shotId: 'b', indexInShot: 2 }, 'down', onward)).toEqual({ shotId: 'd', indexInShot: 1 });
    expect(step(story, { shotId: 'd', indexInShot: 0 }, 'up', onward)).toEqual({ shotId: 'b', indexInShot: 1 });
    expect(step(story, { shotId: 'a', indexInShot: 0 }, 'up', onward)).toBeNull();
  });
});

describe('dropping a shot', () => {
  const nodes: readonly PlacedShot[] = story;
  const isLeaf = (id: string) => id === 'b' || id === 'd';

  it('goes before the shot that begins there, or after the leaf that ends there', () => {
    expect(dropPlaceAt(2 * chunkWidth + 8, 40, nodes, isLeaf, null)).toEqual({ before: 'b' });
    expect(dropPlaceAt(5 * chunkWidth, 40, nodes, isLeaf, null)).toEqual({ after: 'b' });
    expect(dropPlaceAt(3 * chunkWidth, laneHeight + 40, nodes, isLeaf, null)).toEqual({ before: 'd' });
  });

  it('says nothing far from every boundary', () => {
    expect(dropPlaceAt(3.5 * chunkWidth, 40, nodes, isLeaf, null)).toBeNull();
  });

  it('does not offer the places that leave a shot where it is', () => {
    const moving = { id: 'c', children: new Set(['d']), parent: 'a' };
    expect(dropPlaceAt(3 * chunkWidth, laneHeight + 40, nodes, isLeaf, moving)).toBeNull();
  });
});

it('letters are at least as large as life from afar, in few steps', () => {
  expect([1.5, 1, 0.8, 0.5, 0.3, 0.16].map(enlargement)).toEqual([1, 1, 1.25, 2, 3.4, 6]);
  expect(enlargement(0.15)).toBe(enlargement(0.002));
  expect([1, 0.79, 0.49, 0.15].map(cardLevel)).toEqual(['whole', 'title', 'picture', 'block']);
});
