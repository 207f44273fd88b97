import { expect, test } from 'vitest';
import type { ProjectShot } from '../../../shared/project/document.ts';
import type { ModelInfo } from '../../../shared/render.ts';
import type { Trim } from '../../../shared/trim.ts';
import { editOfFilm, missingShots, spansOfFilm } from './edit-of-film.ts';
import { rangeNotes, requireShown } from './film-part.ts';
import type { FilmPlan } from './film-plan.ts';

const model = { chunkFrames: 3, video: { width: 16, height: 16, fps: 8 } } as ModelInfo;

/** Shots of chunks by name; a chunk that is not made is empty. */
function filmOf(shots: readonly (readonly string[])[], trims: Readonly<Record<number, Trim>> = {}): FilmPlan {
  let firstChunk = 0;
  return {
    name: '',
    before: [],
    shots: shots.map((chunks, i) => {
      const made = [...chunks.entries()].filter(([, key]) => key !== '');
      const trim = trims[i];
      const shot = {
        title: `shot ${i}`,
        keys: made.map(([, key]) => key),
        places: made.map(([place]) => place),
        firstChunk,
        shot: { prompt: '', chunks: chunks.length, ...(trim ? { trim } : {}) } as ProjectShot,
      };
      firstChunk += chunks.length;
      return shot;
    }),
  };
}

/** Shots of one chunk, two and one: 9, 24 and 12 frames from the story's start. */
const chunks = [['a'], ['b', 'c'], ['d']];
const film = filmOf(chunks);

const laid = ({ plan }: ReturnType<typeof editOfFilm>) =>
  plan.shots.map(({ startFrame, frameCount }) => [startFrame, frameCount]);

test('a whole film shows every frame', () => {
  const edit = editOfFilm(film, 'Film', model, 24);
  expect(edit.frames.map(({ shown }) => shown)).toEqual([9, 24, 12]);
  expect(laid(edit)).toEqual([
    [0, 27],
    [27, 72],
    [99, 36],
  ]);
});

test('what is trimmed off becomes handles, and what follows moves up', () => {
  const edit = editOfFilm(filmOf(chunks, { 1: { head: 14, tail: 3 } }), 'Film', model, 24);
  expect(edit.frames).toEqual([
    { head: 0, shown: 9, tail: 0 },
    { head: 14, shown: 7, tail: 3 },
    { head: 0, shown: 12, tail: 0 },
  ]);
  expect(laid(edit)).toEqual([
    [0, 27],
    [27, 21],
    [48, 36],
  ]);
  expect(edit.plan.shots[1]).toMatchObject({ headFrames: 42, tailFrames: 9 });
});

test('in and out points cut the first and the last shot; what lies outside becomes handles', () => {
  const edit = editOfFilm(film, 'Film', model, null, { first: 11, end: 40 });
  expect(edit.film.before).toEqual(['a']);
  expect(edit.film.shots.map(({ title }) => title)).toEqual(['shot 1', 'shot 2']);
  expect(edit.frames).toEqual([
    { head: 2, shown: 22, tail: 0 },
    { head: 0, shown: 7, tail: 5 },
  ]);
  expect(laid(edit)).toEqual([
    [0, 22],
    [22, 7],
  ]);
});

test('a range within one shot leaves that shot alone', () => {
  const edit = editOfFilm(film, 'Film', model, null, { first: 0, end: 5 });
  expect(edit.film.shots).toHaveLength(1);
  expect(edit.frames).toEqual([{ head: 0, shown: 5, tail: 4 }]);
});

test('in and out points are counted along what is shown of trimmed shots', () => {
  const trimmed = filmOf(chunks, { 0: { head: 4, tail: 0 }, 1: { head: 6, tail: 8 } });
  expect(spansOfFilm(trimmed, model)).toEqual([
    { first: 0, end: 5 },
    { first: 5, end: 15 },
    { first: 15, end: 27 },
  ]);
  const edit = editOfFilm(trimmed, 'Film', model, null, { first: 7, end: 16 });
  // Two more than the trim go at the head of the second shot.
  expect(edit.frames).toEqual([
    { head: 8, shown: 8, tail: 8 },
    { head: 0, shown: 1, tail: 11 },
  ]);
});

test('chunks that are not made are left out, and said by name where a part is wanted', () => {
  const gap = filmOf([['a'], ['b', ''], ['']], { 1: { head: 2, tail: 5 } });
  expect(editOfFilm(gap, 'Film', model, null).frames).toEqual([
    { head: 0, shown: 9, tail: 0 },
    { head: 2, shown: 10, tail: 0 },
    { head: 0, shown: 0, tail: 0 },
  ]);
  // Points are counted as if all were there: 9 to 26 is the second shot.
  const part = { first: 12, end: 28 };
  expect(editOfFilm(gap, 'Film', model, null, part).frames).toEqual([{ head: 5, shown: 7, tail: 0 }]);
  expect(missingShots(gap, model, part).map(({ title }) => title)).toEqual(['shot 1', 'shot 2']);
  expect(rangeNotes(gap, model, part)).toEqual([
    'Not made, or not all of it, and left out between the in and out points: shot 2 "shot 1", shot 3 "shot 2".',
  ]);
  expect(missingShots(gap, model, { first: 0, end: 19 })).toEqual([]);
  expect(() => requireShown(gap, model, { first: 20, end: 30 }, 'frames')).toThrow(
    /^Nothing between the in and out points is made yet: shot 2 "shot 1", shot 3 "shot 2"\.$/,
  );
  expect(() => requireShown(gap, model, { first: 60, end: 70 }, 'frames')).toThrow(/beyond the end/);
});

test('where the first chunks are missing, the decoder begins later and gives fewer frames', () => {
  const late = filmOf([['', 'b', 'c']], { 0: { head: 14, tail: 1 } });
  // 9 + 12 + 12 frames; of the second chunk the last 9 are there, from frame 12 on.
  expect(editOfFilm(late, 'Film', model, null).frames).toEqual([{ head: 2, shown: 18, tail: 1 }]);
});
