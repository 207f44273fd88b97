import type { MemoryRecord } from '../../../shared/memory-record.ts';
import type { CutLine, LineChunk } from '../line/line.ts';

/** A record with few enough numbers to work sums out by hand; for tests. Chunk 4 of a story, two layers, two heads. */
export function sampleRecord(changes: Partial<MemoryRecord> = {}): MemoryRecord {
  return {
    version: 2,
    pictures: [],
    chunkIndex: 4,
    firstFrame: 12,
    frames: 3,
    prompt: 'The cat returns',
    words: [
      { text: 'the', known: true },
      { text: 'cat', known: true },
      { text: 'returns', known: false },
    ],
    transition: 'continue',
    settings: {
      mode: 'paper',
      policy: 'nam+sma',
      sinkFrames: 1,
      windowFrames: 3,
      bankFrames: 2,
      activatedFrames: 1,
      capacity: 4,
      recordInterval: 1,
      pipeline: 'interactive',
      pins: [{ frame: 3, name: 'Mia' }],
      bans: [6],
    },
    recached: true,
    sink: [0],
    window: [9, 10, 11],
    bankBefore: [[3], [3]],
    bank: [
      [3, 7],
      [3, 4],
    ],
    candidates: [3, 4, 5, 7],
    scores: [
      [0.5, 0.1, 0.1, 0.3],
      [0.3, 0.5, 0.1, 0.1],
    ],
    prototype: 12,
    evicted: [],
    activation: {
      steps: 4,
      pool: [
        [3, 7],
        [3, 4],
      ],
      counts: [
        [
          [4, 0],
          [2, 2],
        ],
        [
          [1, 3],
          [0, 4],
        ],
      ],
    },
    pull: [
      [0.25, 0.25, 0.25, 0.25],
      [0.75, 0.05, 0.1, 0.1],
      [0.1, 0.4, 0.2, 0.3],
    ],
    // 2 x 3 cells: 0, 51, 102, 153, 204, 255
    spatial: [{ frame: 3, rows: 2, columns: 3, peak: 0.2, map: 'ADNmmcz/' }],
    timings: { retrieveMs: 1, recacheMs: 1, denoiseMs: [1, 1, 1, 1], commitMs: 1, decodeMs: 1 },
    ...changes,
  };
}

/** Shots of the given lengths in chunks, every chunk made; keys are `k0`, `k1` and so on. For tests. */
export function sampleLine(
  lengths: readonly number[],
  changes: (chunk: LineChunk) => Partial<LineChunk> = () => ({}),
): CutLine {
  const chunks = lengths.flatMap((chunksInShot, shotIndex) =>
    Array.from({ length: chunksInShot }, (_, indexInShot) => ({ shotIndex, indexInShot, chunksInShot })),
  );
  return {
    chunkFrames: 3,
    fps: 8,
    chunks: chunks.map((place, chunkIndex) => {
      const chunk: LineChunk = {
        ...place,
        chunkIndex,
        shotId: `shot-${place.shotIndex}`,
        shotName: `The scene ${place.shotIndex + 1}`,
        fullName: `The scene ${place.shotIndex + 1}`,
        prompt: `Scene ${place.shotIndex + 1} happens.`,
        key: `k${chunkIndex}`,
        availability: 'fresh',
      };
      return { ...chunk, ...changes(chunk) };
    }),
  };
}
