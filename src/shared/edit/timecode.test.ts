import { describe, expect, it } from 'vitest';
import { frameOfTimecode, timecodeOf } from './timecode.ts';

describe('timecode', () => {
  it('counts frames, seconds, minutes and hours', () => {
    expect(timecodeOf(0, 24)).toBe('00:00:00:00');
    expect(timecodeOf(23, 24)).toBe('00:00:00:23');
    expect(timecodeOf(24 * 3600 + 24 * 61 + 5, 24)).toBe('01:01:01:05');
  });

  it('reads back what it wrote', () => {
    for (const fps of [8, 16, 24, 25, 30]) {
      for (const frame of [0, 1, 719, 86_399, 24 * 3600 * fps - 1]) {
        expect(frameOfTimecode(timecodeOf(frame, fps), fps)).toBe(frame);
      }
    }
  });

  it('wraps after a day', () => {
    expect(timecodeOf(24 * 3600 * 25, 25)).toBe('00:00:00:00');
  });

  it('refuses what is none, and says how it is written', () => {
    for (const text of ['1:00:00:00', '00:60:00:00', '00:00:00:24', 'noon', '']) {
      expect(() => frameOfTimecode(text, 24)).toThrow(/not a timecode/);
    }
  });
});
