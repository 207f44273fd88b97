import { describe, expect, test } from 'vitest';
import { ThroughlineError } from '../errors.ts';
import { type ImportOptions, importStories, type PictureFound, readScript } from './index.ts';

const mia = 'a'.repeat(64);
const kitchen = 'b'.repeat(64);
const begin = 'c'.repeat(64);

const text = JSON.stringify({
  format: 'throughline-story',
  version: 1,
  memory: { pictures: [{ file: 'mia.png', name: 'Mia', says: 'a red fox' }] },
  shots: [
    { prompt: 'the fox waves', chunks: 1, firstFrame: { file: 'begin.png' } },
    { prompt: 'a kitchen', chunks: 1, memory: { bankFrames: 3, pictures: [{ asset: kitchen, name: 'Kitchen' }] } },
    { prompt: 'the fox again', chunks: 1, memory: { pictures: [{ file: 'mia.png', name: 'Mia', pinned: false }] } },
  ],
});

function read(more: Partial<ImportOptions> = {}, of = text) {
  return importStories(of, { fileName: 'fox.json', chunksPerPrompt: 4, fps: 8, chunkFrames: 3, ...more });
}

const found = (missing: string[] = []): ReadonlyMap<string, PictureFound> =>
  new Map<string, PictureFound>([
    ['mia.png', { asset: mia }],
    ['begin.png', { asset: begin }],
    ...missing.map((name): [string, PictureFound] => [name, { why: 'there is no file', hint: 'Put it there.' }]),
  ]);

function fault(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof ThroughlineError && error.code === 'bad-story') return `${error.message} ${error.hint}`;
    throw error;
  }
  return 'read';
}

describe('the pictures of a story file', () => {
  test('are named by their files, each once', () => {
    expect(read().pictureFiles).toEqual(['mia.png', 'begin.png']);
    expect(readScript('A cat.', { fileName: 'a.txt', chunksPerPrompt: 4, fps: 8, chunkFrames: 3 })).not.toHaveProperty(
      'pictureFiles',
    );
  });

  test('become assets where they were found', () => {
    const { stories, warnings } = read({ pictures: found(), hasPicture: (asset) => asset === kitchen });
    expect(warnings).toEqual([]);
    expect(stories[0]).toMatchObject({
      memory: { pictures: [{ asset: mia, name: 'Mia', says: 'a red fox' }] },
      shots: [
        { firstFrame: { asset: begin } },
        { memory: { bankFrames: 3, pictures: [{ asset: kitchen, name: 'Kitchen' }] } },
        { memory: { pictures: [{ asset: mia, name: 'Mia', pinned: false }] } },
      ],
    });
  });

  test('that are not there are left out one by one, and said with their place and what to do', () => {
    const { stories, warnings } = read({ pictures: found(['begin.png']), hasPicture: () => false });
    expect(warnings).toEqual([
      'fox.json, shots[0].firstFrame: the first frame (begin.png) is left out: there is no file. Put it there.',
      'fox.json, shots[1].memory.pictures[0]: the picture "Kitchen" is left out: it is not here, and the story does not name its file. Add it to the shot, or write "file" in the story.',
    ]);
    const [story] = stories;
    expect(story?.shots.map(({ memory, firstFrame }) => [memory, firstFrame])).toEqual([
      [undefined, undefined],
      [{ bankFrames: 3 }, undefined],
      [{ pictures: [{ asset: mia, name: 'Mia', pinned: false }] }, undefined],
    ]);
    expect(story?.memory?.pictures).toHaveLength(1);
  });

  test('are required where a film would be another without them', () => {
    expect(fault(() => read({ pictures: found(['mia.png']), requirePictures: true }))).toBe(
      'fox.json, memory.pictures[0]: the picture "Mia" (mia.png) cannot be had: there is no file. Put it there.',
    );
    expect(fault(() => read({ requirePictures: true }))).toBe('read'); // nobody looked yet
  });

  test('have a file or an asset, and are not too many', () => {
    const of = (picture: object) =>
      JSON.stringify({
        ...{ format: 'throughline-story', version: 1 },
        shots: [{ prompt: 'a', chunks: 1, memory: { pictures: [picture] } }],
      });
    expect(fault(() => read({}, of({ name: 'Mia', asset: mia, file: 'mia.png' })))).toContain('not both');
    expect(fault(() => read({}, of({ name: 'Mia', file: 7 })))).toContain('shots[0].memory.pictures[0].file');
    expect(fault(() => read({}, of({ name: 'Mia' })))).toContain('shots[0].memory.pictures[0]');
    expect(fault(() => read({}, of(['mia.png'])))).toContain('shots[0].memory.pictures[0]');
    const shots = Array.from({ length: 17 }, (_, i) => ({
      ...{ prompt: 'a', chunks: 1 },
      memory: { pictures: [{ name: `${i}`, asset: i.toString(16).padStart(64, '0').replace(/^0/, 'f') }] },
    }));
    const many = JSON.stringify({ format: 'throughline-story', version: 1, shots });
    expect(fault(() => read({}, many))).toContain('the story has 17 pictures; a story remembers up to 16.');
  });
});
