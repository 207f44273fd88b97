import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { beginShot, type Scene, type SceneWords, sceneWordsOf } from './index.ts';

const vocabulary = JSON.parse(readFileSync('resources/models/animatic/vocabulary.json', 'utf8'));
const animatic = sceneWordsOf(vocabulary.words);

/** How each shot of a story begins. */
function beginnings(prompts: readonly string[], words: SceneWords | null = null): string[] {
  let scene: Scene | null = null;
  return prompts.map((prompt) => {
    const begun = beginShot(scene, prompt, words);
    scene = begun.scene;
    return `${begun.beginning.transition}: ${begun.beginning.reason}`;
  });
}

const second = (first: string, then: string, words: SceneWords | null = null): string | undefined =>
  beginnings([first, then], words)[1];

describe('place', () => {
  test('another place is a cut, and the reason has the words of both prompts', () => {
    expect(second('A cat sits on the beach.', 'The cat eats in the kitchen.')).toBe(
      'cut: another place: kitchen after beach',
    );
  });

  test('the same place continues, by whichever word it is called', () => {
    expect(second('A cat waves in the meadow.', 'The cat jumps in the meadow.')).toBe(
      'continue: the same place: meadow',
    );
    expect(second('A cat in the woods.', 'The cat naps in the forest.')).toBe('continue: the same place: forest');
    expect(second('A cat on the beach.', 'The cat runs on beaches.')).toMatch(/^continue/);
  });

  test('a prompt that names no place stays where the story is, over any number of shots', () => {
    expect(
      beginnings(['A cat in the kitchen.', 'It waves.', 'It sits.', 'The cat in the kitchen.', 'Now in the garden.']),
    ).toEqual([
      'continue: the story begins here',
      'continue: no other place is named than kitchen',
      'continue: no other place is named than kitchen',
      'continue: the same place: kitchen',
      'cut: another place: garden after kitchen',
    ]);
  });

  test('on the way from one place to another it continues', () => {
    const way = ['A cat in the kitchen.', 'The cat walks from the kitchen to the garden.', 'The cat in the garden.'];
    expect(beginnings(way).map((text) => text.split(':')[0])).toEqual(['continue', 'continue', 'continue']);
  });

  test('a word that is only sometimes a place is one after a preposition', () => {
    expect(second('A cat in the meadow.', 'Snow falls and a train passes.')).toMatch(/^continue/);
    expect(second('A cat in the meadow.', 'The cat looks at the moon.')).toMatch(/^continue/);
    expect(second('A cat in the meadow.', 'The cat sits in the deep snow.')).toBe(
      'cut: another place: snow after meadow',
    );
    expect(second('A cat in the meadow.', 'The cat sits on a train.')).toBe('cut: another place: train after meadow');
  });

  test('two words are one place', () => {
    expect(second('A man in the living room.', 'A man in the dining room.')).toBe(
      'cut: another place: dining room after living room',
    );
    expect(second('A robot in the city.', 'A robot in a space station.')).toBe(
      'cut: another place: space station after city',
    );
  });

  test('a place that no list has is found after "in the"; hats, boxes and the rain are none', () => {
    expect(second('A man in the garden.', 'A woman inside an old stone observatory.')).toBe(
      'cut: another place: observatory after garden',
    );
    expect(second('A woman in the observatory.', 'She opens the dome in the observatory.')).toMatch(/^continue/);
    for (const inside of ['in a red hat', 'in the rain', 'in a small box', 'in the background'])
      expect(second('A cat in the garden.', `A cat ${inside}.`)).toMatch(/^continue/);
  });

  test('where the story named none yet, the first place named is a cut', () => {
    expect(second('A cat waves.', 'The cat walks through the forest.')).toBe('cut: a place is named: forest');
  });
});

describe('time', () => {
  test('night after day is a cut, and so is night where no time was named', () => {
    expect(second('By day a fox in the forest.', 'At night the fox in the forest.')).toBe(
      'cut: another time of day: night after day',
    );
    expect(second('A fox in the forest.', 'A fox in the forest at night.')).toBe('cut: another time of day: night');
  });

  test('a time that is not named again stays', () => {
    expect(second('A fox in the forest at night.', 'The fox runs through the forest.')).toMatch(/^continue/);
    const back = ['A fox in the forest at night.', 'The fox runs.', 'The fox in the forest by moonlight.'];
    expect(beginnings(back)[2]).toMatch(/^continue/);
  });

  test('in another place it is day until the prompt says otherwise', () => {
    const prompts = ['A robot in the city at night.', 'A cat in the meadow.', 'The cat in the meadow at night.'];
    expect(beginnings(prompts)[2]).toBe('cut: another time of day: night');
  });

  test('morning and afternoon are both day, but not each other', () => {
    expect(second('A cat in the garden.', 'A cat in the garden in the morning.')).toMatch(/^continue/);
    expect(second('The garden in the morning.', 'The garden in the afternoon.')).toBe(
      'cut: another time of day: afternoon after morning',
    );
  });

  test('a jump in time is a cut whatever the light; a greeting is no time', () => {
    expect(second('A cat in the garden.', 'The next day the cat is in the garden.')).toBe(
      'cut: another time: the next day',
    );
    expect(second('A cat in the garden at night.', 'She says good morning.')).toMatch(/^continue/);
  });
});

describe('shot size', () => {
  test('closer or wider is a cut; what says nothing is the middle distance', () => {
    expect(second('A cat in the meadow.', 'Close-up of the cat in the meadow.')).toBe(
      'cut: another shot size: close-up after medium shot',
    );
    expect(second('Close up of the cat.', 'The cat waves.')).toBe('cut: another shot size: medium shot after close-up');
    expect(second('A close view of the cat.', 'A closeup of the cat.')).toMatch(/^continue/);
    expect(second('A distant shot of the farm.', 'The farm seen from far away.')).toMatch(/^continue/);
  });

  test('where the camera moves, the size changes within the shot', () => {
    expect(second('A cat in the meadow.', 'The camera zooms in to a close-up of the cat.')).toMatch(/^continue/);
    expect(beginnings(['A cat.', 'The camera moves closer to the cat.', 'A close-up of the cat.'])[2]).toMatch(
      /^continue/,
    );
  });
});

describe('a model with a vocabulary', () => {
  test('what it takes for one place is one', () => {
    expect(second('A robot in the village.', 'A robot in the street.')).toMatch(/^cut/);
    expect(second('A robot in the village.', 'A robot in the street.', animatic)).toMatch(/^continue/);
    expect(second('A bear in the snow.', 'A bear in the mountains.', animatic)).toMatch(/^continue/);
  });

  test('someone who was not there is a cut; whoever is no longer named may still be there', () => {
    const both = 'The orange cat and the blue robot stand on the beach.';
    expect(second('The orange cat strolls along the beach.', both, animatic)).toBe(
      'cut: someone else is there: blue robot',
    );
    const prompts = [both, 'The cat waves.', 'It jumps.', 'The robot waves.', 'A red cat waves.'];
    expect(beginnings(prompts, animatic).map((text) => text.split(':')[0])).toEqual([
      ...['continue', 'continue', 'continue', 'continue', 'cut'],
    ]);
    expect(second('A crimson cat sits.', 'The red kitten waves and the cat jumps.', animatic)).toMatch(/^continue/);
    expect(second('Snow falls in the forest.', 'A bear walks in the forest.', animatic)).toBe(
      'cut: someone else is there: bear',
    );
  });

  test('a noun that it does not read is no place', () => {
    expect(second('A cat in the garden.', 'A cat in the observatory.', animatic)).toMatch(/^continue/);
  });

  test('the words around its places are none', () => {
    const { places } = animatic;
    for (const word of ['along', 'among', 'small']) expect(places.flat()).not.toContain(word);
  });

  test('ten everyday shots in five places: cuts where the picture is another one', () => {
    const everyday = [
      'An orange cat sits in the meadow.',
      'The orange cat waves in the meadow.',
      'A blue robot walks through the city at night.',
      'Close-up of the blue robot in the city at night.',
      'The orange cat strolls along the beach at sunset.',
      'The orange cat and the blue robot stand on the beach at sunset.',
      'The orange cat and the blue robot wave on the beach at sunset.',
      'It is snowing in the forest.',
      'The blue robot sleeps in the living room.',
      'Back in the meadow, the orange cat and the blue robot wave.',
    ];
    expect(beginnings(everyday, animatic).map((text) => text.split(':')[0])).toEqual([
      'continue',
      'continue',
      'cut',
      'cut',
      'cut',
      'cut',
      'continue',
      'cut',
      'cut',
      'cut',
    ]);
  });

  test('decides as whoever wrote the sample story did by hand', () => {
    const { shots } = JSON.parse(readFileSync('resources/stories/sample.json', 'utf8'));
    const automatic = beginnings(
      shots.map(({ prompt }: { prompt: string }) => prompt),
      animatic,
    );
    const byHand = shots.map(({ transition = 'continue' }: { transition?: string }) => transition);
    expect(automatic.map((text) => text.split(':')[0])).toEqual(byHand);
  });
});
