import { expect, test } from 'vitest';
import { storySchema } from '../../shared/story.ts';
import { parsePicture, StoryPictures } from './story-pictures.ts';

test('a picture is given with its name and what is on it, with its name, or alone', () => {
  expect(parsePicture('Mia: a red fox: the old one=pictures/mia=1.png')).toEqual({
    ...{ name: 'Mia', says: 'a red fox: the old one', file: 'pictures/mia=1.png' },
  });
  expect(parsePicture('Mia=mia.png')).toEqual({ name: 'Mia', says: '', file: 'mia.png' });
  expect(parsePicture('shots/the kitchen.jpg')).toEqual({
    name: 'the kitchen',
    says: '',
    file: 'shots/the kitchen.jpg',
  });
  for (const wrong of ['Mia=', ': a fox=mia.png', `${'x'.repeat(81)}=mia.png`])
    expect(() => parsePicture(wrong)).toThrow();
});

test('a picture that is not there is named, and a story without any is left as it is', async () => {
  await expect(StoryPictures.open({ firstFrame: '/nowhere/begin.png' })).rejects.toThrow(
    'There is no picture /nowhere/begin.png.',
  );
  const none = await StoryPictures.open({});
  const story = storySchema.parse({ format: 'throughline-story', version: 1, shots: [{ prompt: 'a', chunks: 1 }] });
  expect(none.of(story)).toEqual(story);
});
