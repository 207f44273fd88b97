import { describe, expect, it } from 'vitest';
import { bt709CodePoints, readAvccColour, tagAvccColour } from './sps.ts';

// Records as encoders write them: High profile 1280x720 at 16 frames a second with a VUI that says nothing of colour
// (x264), and Baseline 320x192 without a VUI.
const withVui = Uint8Array.from(
  Buffer.from('0164000cffe100166764000cacb40a0cd0800000030080000010478a155001000468ef0fcb', 'hex'),
);
const baseline = Uint8Array.from([1, 0x42, 0, 0x1e, 0xff, 0xe1, 0, 7, 0x67, 0x42, 0, 0x1e, 0xf4, 0x0a, 0x0c, 0, 0]);

describe('colour tags in the bitstream', () => {
  it('are missing at first, and there once put in', () => {
    expect(readAvccColour(withVui)).toBeNull();
    expect(readAvccColour(tagAvccColour(withVui, bt709CodePoints))).toEqual(bt709CodePoints);
  });

  it('replace older ones without growing', () => {
    const once = tagAvccColour(withVui, { primaries: 9, transfer: 16, matrix: 9, fullRange: true });
    const twice = tagAvccColour(once, bt709CodePoints);
    expect(readAvccColour(once)?.fullRange).toBe(true);
    expect(twice).toEqual(tagAvccColour(withVui, bt709CodePoints));
  });

  it('leave the picture parameter set as it was', () => {
    const tagged = tagAvccColour(withVui, bt709CodePoints);
    expect(tagged.slice(-7)).toEqual(withVui.slice(-7));
  });

  it('refuse what is no avcC record', () => {
    expect(() => readAvccColour(new Uint8Array(4))).toThrow(RangeError);
    expect(() => tagAvccColour(baseline.subarray(0, 10), bt709CodePoints)).toThrow(RangeError);
  });
});
