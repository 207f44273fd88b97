import { expect, it } from 'vitest';
import { droppedAs } from './dropped-file.ts';

const sound = new File(['x'], 'Voice.WAV');
const picture = new File(['x'], 'mia.png', { type: 'image/png' });
const script = new File(['x'], 'film.fountain');

it('a sound goes under the film, a picture into the selected shot, anything else is opened', () => {
  expect(droppedAs(sound, true, null)).toEqual({ kind: 'sound' });
  expect(droppedAs(picture, true, 'shot-a')).toEqual({ kind: 'picture', shotId: 'shot-a' });
  expect(droppedAs(script, true, 'shot-a')).toEqual({ kind: 'project or script' });
});

it('a sound without a film and a picture without a shot are never taken for a script', () => {
  expect(droppedAs(sound, false, null)).toMatchObject({
    kind: 'no place',
    hint: expect.stringContaining('first shot'),
  });
  expect(droppedAs(picture, true, null)).toMatchObject({
    ...{ kind: 'no place', message: '"mia.png" is a picture, and no shot is selected.' },
    hint: 'Select the shot that shall remember it, and drop it again.',
  });
});
