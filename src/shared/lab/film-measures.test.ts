import { describe, expect, it } from 'vitest';
import { FilmMeasurer, type MeasurePlan, measurePlan } from './film-measures.ts';
import { findReturns } from './returns.ts';

describe('findReturns', () => {
  it('finds a place that was left and is named again, and compares with the end of the first visit', () => {
    const prompts = [
      'A cat in the meadow.',
      'The cat waves.',
      'A robot in the city.',
      'The cat in the meadow.',
      'The robot in the city.',
      'Back in the meadow, the cat naps.',
    ];
    expect(findReturns(prompts, null)).toEqual([
      { place: 'meadow', shot: 1, back: 3 },
      { place: 'city', shot: 2, back: 4 },
      { place: 'meadow', shot: 1, back: 5 },
    ]);
  });

  it('not where the light or the distance is another, nor where no place is named', () => {
    expect(findReturns(['A meadow.', 'In the city.', 'In the meadow at night.'], null)).toEqual([]);
    expect(findReturns(['In the meadow.', 'In the city.', 'Close-up of a cat in the meadow.'], null)).toEqual([]);
    expect(findReturns(['A cat.', 'A dog.', 'A cat.'], null)).toEqual([]);
  });
});

it('measurePlan turns shots into chunks: the end of the first visit, the beginning of the return', () => {
  const shots = [
    { chunks: 3, transition: 'continue' },
    { chunks: 2, transition: 'cut' },
    { chunks: 4, transition: 'cut' },
  ] as const;
  expect(measurePlan(shots, [{ place: 'meadow', shot: 0, back: 2 }])).toEqual({
    chunks: 9,
    cuts: new Set([0, 3, 5]),
    returns: [{ place: 'meadow', chunk: 2, back: 5 }],
  });
});

describe('FilmMeasurer', () => {
  const size = { width: 10, height: 8 };
  const frameSize = size.width * size.height * 3;
  /** @param greys of each frame of each chunk */
  const measure = (plan: MeasurePlan, greys: readonly (readonly number[])[]) => {
    const measurer = new FilmMeasurer(plan, size);
    for (const chunk of greys) {
      const frames = Uint8Array.from(
        { length: chunk.length * frameSize },
        (_, i) => chunk[Math.floor(i / frameSize)] as number,
      );
      measurer.add(frames, chunk.length);
    }
    return measurer.result();
  };

  it('measures returns on the backgrounds', () => {
    const plan = { chunks: 3, cuts: new Set([0, 1, 2]), returns: [{ place: 'meadow', chunk: 0, back: 2 }] };
    const { returns } = measure(plan, [
      [100, 100],
      [9, 9],
      [151, 151],
    ]);
    expect(returns[0]?.psnrDb).toBeCloseTo(20 * Math.log10(5), 5); // off by a fifth of the range
    expect(returns[0]?.gradientDistance).toBe(0);
  });

  it('measures drift of the background over the longest stretch without a cut, and flicker only where there is none', () => {
    const plan = { chunks: 6, cuts: new Set([0, 2]), returns: [] };
    const greys = [
      [0, 0],
      [0, 0],
      [51, 51],
      [60, 70],
      [80, 90],
      [102, 102],
    ];
    const { backgroundDrift, flicker } = measure(plan, greys);
    expect(backgroundDrift).toBeCloseTo(0.2, 6); // chunk 2 to chunk 5
    // Across 0, 9, 10, 12; within, of the same chunks, 0, 10, 10, 0.
    expect(flicker).toBeCloseTo((31 / 4 / 255 + 1e-4) / (20 / 4 / 255 + 1e-4), 6);
  });

  it('measures sharpness and saturation over the same stretch, not against another place', () => {
    const measurer = new FilmMeasurer({ chunks: 4, cuts: new Set([0, 1]), returns: [] }, size);
    // Stripes of one column: the step across is their height; the first chunk, before the cut, does not count.
    for (const height of [200, 40, 50, 60]) {
      const frame = Uint8Array.from({ length: frameSize }, (_, i) =>
        Math.floor(i / 3) % 2 === 0 && i % 3 === 0 ? height : 0,
      );
      measurer.add(frame, 1);
    }
    const { sharpnessDrift, saturationDrift } = measurer.result();
    expect(sharpnessDrift).toBeCloseTo(1.5, 9);
    expect(saturationDrift).toBeCloseTo(1.5, 9);
  });

  it('has nothing to say of drift in a film of one chunk, of saturation in grey, of flicker between cuts', () => {
    expect(measure({ chunks: 1, cuts: new Set([0]), returns: [] }, [[1, 2]])).toEqual({
      returns: [],
      sharpnessDrift: null,
      saturationDrift: null,
      backgroundDrift: null,
      flicker: null,
    });
    const cuts = measure({ chunks: 2, cuts: new Set([0, 1]), returns: [] }, [[1], [2]]);
    expect([cuts.saturationDrift, cuts.backgroundDrift, cuts.flicker]).toEqual([null, null, null]);
  });
});
