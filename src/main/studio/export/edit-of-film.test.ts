import { expect, test } from 'vitest';
import type { ProjectShot } from '../../../shared/project/document.ts';
import type { ModelInfo } from '../../../shared/render.ts';
import { editOfFilm, partOfFilm } from './edit-of-film.ts';
import type { FilmPlan } from './film-plan.ts';

const model = { chunkFrames: 3, video: { width: 16, height: 16, fps: 8 } } as ModelInfo;

/** Shots of one chunk, two and one: 9, 24 and 12 frames from the story's start. */
const film: FilmPlan = {
  name: '',
  before: [],
  shots: [['a'], ['b', 'c'], ['d']].map((keys, i) => ({
    title: `shot ${i}`,
    keys,
    shot: { prompt: '' } as ProjectShot,
  })),
};

test('a whole film shows every frame', () => {
  const { frames, plan } = editOfFilm(film, 'Film', model, 24);
  expect(frames.map(({ shown }) => shown)).toEqual([9, 24, 12]);
  expect(plan.shots.map(({ startFrame, frameCount }) => [startFrame, frameCount])).toEqual([
    [0, 27],
    [27, 72],
    [99, 36],
  ]);
});

test('in and out points cut the first and the last shot; what lies outside becomes handles', () => {
  const part = partOfFilm(film, { first: 11, end: 40 }, model);
  expect(part.film.before).toEqual(['a']);
  expect(part.film.shots.map(({ title }) => title)).toEqual(['shot 1', 'shot 2']);
  const { frames, plan } = editOfFilm(part.film, 'Film', model, null, part.range);
  expect(frames).toEqual([
    { head: 2, shown: 22, tail: 0 },
    { head: 0, shown: 7, tail: 5 },
  ]);
  expect(plan.shots.map(({ startFrame, frameCount }) => [startFrame, frameCount])).toEqual([
    [0, 22],
    [22, 7],
  ]);
});

test('a range within one shot leaves that shot alone', () => {
  const part = partOfFilm(film, { first: 0, end: 5 }, model);
  expect(part.film.shots).toHaveLength(1);
  expect(editOfFilm(part.film, 'Film', model, null, part.range).frames).toEqual([{ head: 0, shown: 5, tail: 4 }]);
});
