import { describe, expect, it } from 'vitest';
import { boundaryAt, conform, conversionSentence } from './frame-rate.ts';

describe('conform', () => {
  it('shows every frame of an 8 fps film three times at 24', () => {
    expect(conform(3, 8, 24, 'repeat').map(({ index }) => index)).toEqual([0, 0, 0, 1, 1, 1, 2, 2, 2]);
  });

  it('leaves frames as they are at the same rate, also when blending', () => {
    expect(conform(3, 8, 8, 'blend')).toEqual([0, 1, 2].map((index) => ({ index, next: 0 })));
  });

  it('blends by distance between the middles of frames', () => {
    // At twice the rate the middles of output frames lie at 0.25, 0.75, 1.25, ... source frames.
    expect(conform(2, 8, 16, 'blend')).toEqual([
      { index: 0, next: 0 },
      { index: 0, next: 0.25 },
      { index: 0, next: 0.75 },
      { index: 1, next: 0 },
    ]);
  });

  it('never reads past the last frame, and drops none at a lower rate than its share', () => {
    for (const to of [24, 25, 30]) {
      for (const frames of [1, 9, 21, 57]) {
        const sources = conform(frames, 16, to, 'repeat');
        expect(sources).toHaveLength(boundaryAt(frames, 16, to));
        expect(new Set(sources.map(({ index }) => index)).size).toBe(frames);
        expect(Math.max(...sources.map(({ index }) => index))).toBe(frames - 1);
      }
    }
  });
});

describe('conversionSentence', () => {
  it('says how often a frame is shown', () => {
    expect(conversionSentence(8, 24, 'repeat')).toContain('3 times');
    expect(conversionSentence(8, 25, 'repeat')).toContain('3 or 4 times');
    expect(conversionSentence(8, 8, 'repeat')).toContain('once');
    expect(conversionSentence(8, 30, 'blend')).toContain('mixed');
  });
});
