import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { completePrompt, type StorySoFar, sceneWordsOf } from '../index.ts';

const { words: listed } = JSON.parse(readFileSync('resources/models/animatic/vocabulary.json', 'utf8'));
const animatic = sceneWordsOf(listed, 30);

/** What a model is told of each prompt of a story. */
function told(prompts: readonly string[], words = animatic): string[] {
  let story: StorySoFar | null = null;
  return prompts.map((prompt) => {
    const completed = completePrompt(story, prompt, words);
    story = completed.story;
    return completed.prompt;
  });
}

/** What it is told of the last. */
const last = (...prompts: string[]): string | undefined => told(prompts).at(-1);

describe('who', () => {
  test('a name, a pronoun and a bare noun are told as who it is', () => {
    expect(
      told(['Mia is an orange cat. She sleeps in the room.', 'Mia waves.', 'She dances.', 'The cat runs.']),
    ).toEqual([
      'Mia is an orange cat. She sleeps in the room.',
      'The orange cat waves in the room.',
      'The orange cat dances in the room.',
      'The orange cat runs in the room.',
    ]);
  });

  test.each([
    ['Mia is an orange cat in the city.', 'Then Mia waves.', 'Then the orange cat waves in the city.'],
    ['This is Tom, a red fox. He walks in the city.', 'Tom waves.', 'The red fox waves in the city.'],
    ['Ben the green robot walks in the city.', 'Ben waves.', 'The green robot waves in the city.'],
    ['A pink rabbit named Luna sits in the city.', 'Luna waves.', 'The pink rabbit waves in the city.'],
    ['The purple cat Ivy sits in the city.', 'Ivy waves.', 'The purple cat waves in the city.'],
    ['Hugo is a blue bear. He sits in the city.', 'Hugo waves.', 'The blue bear waves in the city.'],
    ['Hugo, a blue bear, sits in the city.', 'Hugo waves.', 'The blue bear waves in the city.'],
    ["Mia's a red cat in the city.", 'Mia waves.', 'The red cat waves in the city.'],
  ])('%s gives a name', (first, then, whole) => {
    expect(last(first, then)).toBe(whole);
  });

  test.each(['Meanwhile, a fox', 'Nearby is a fox', 'Suddenly the fox', 'Watch, a fox'])(
    '%s names nobody',
    (begins) => {
      const word = begins.split(/\W/)[0];
      expect(last(`${begins} sits in the city.`, `${word} it runs.`)).toMatch(/fox/);
      expect(last(`${begins} sits in the city.`, `${word}, a cat sits.`)).toMatch(new RegExp(`^${word}, a cat`));
    },
  );

  test('what is worn is told too, and nobody wears it twice', () => {
    expect(last('A yellow duck with a red hat sits on the farm.', 'The duck dances.')).toBe(
      'The yellow duck with a red hat dances on the farm.',
    );
    expect(last('A yellow duck with a red hat sits on the farm.', 'The duck with a red hat dances.')).toBe(
      'The yellow duck with a red hat dances on the farm.',
    );
    expect(last('A fox sits on the farm.', 'It wears a blue scarf.', 'It dances.')).toBe(
      'The fox with a blue scarf dances on the farm.',
    );
    expect(last('A fox with a hat sits on the farm.', 'The fox without a hat runs.', 'It dances.')).toBe(
      'The fox dances on the farm.',
    );
  });

  test('they are those who were seen together, and nobody is told of twice', () => {
    const met = ['A blue robot stands on the moon.', 'It meets a green frog.'];
    expect(last(...met, 'They dance.')).toBe('The blue robot and the green frog dance on the moon.');
    expect(last(...met, 'They both dance.')).toBe('The blue robot and the green frog both dance on the moon.');
    expect(last(...met, 'The frog waves. They dance.')).toBe(
      'The green frog waves. The frog and the blue robot dance on the moon.',
    );
    expect(last(...met, 'The frog sees the robot and they dance.')).toBe(
      'The green frog sees the blue robot and they dance on the moon.',
    );
    expect(last('A red cat sits in the room.', 'A blue dog sits in the room.', 'They dance.')).toBe(
      'The blue dog and the red cat dance in the room.',
    );
  });

  test('several of a kind stay several', () => {
    expect(last('Two ducks sit on the farm.', 'They dance.')).toBe('The two ducks dance on the farm.');
    expect(last('Two ducks sit on the farm.', 'A green duck comes.')).toBe('A green duck comes on the farm.');
  });

  test('someone of another colour, and a second one, is someone else', () => {
    expect(last('A red cat sits in the room.', 'A blue cat waves.', 'The red cat sleeps.')).toBe(
      'The red cat sleeps in the room.',
    );
    expect(last('A red cat sits in the room.', 'Another cat waves.')).toBe('Another cat waves in the room.');
    expect(last('A crimson cat sits in the room.', 'A red cat waves.', 'The cat sleeps.')).toMatch(
      /^The crimson|^The red/,
    );
  });

  test('a and an go by the word that follows', () => {
    expect(last('An orange cat sits in the room.', 'A cat waves.')).toBe('An orange cat waves in the room.');
  });

  test('a pronoun whose noun stands in the prompt stays', () => {
    expect(last('A grey bear walks in the forest.', 'The bear is on the moon. It sits.')).toBe(
      'The grey bear is on the moon. It sits.',
    );
  });

  test('it rains, and her hat is not she', () => {
    expect(last('A red fox sits in the city.', 'It starts to rain.')).toBe('It starts to rain.');
    expect(last('A red fox sits in the city.', 'It is night and the fox runs.')).toBe(
      'It is night and the red fox runs in the city.',
    );
    expect(last('A red fox sits in the city.', 'It is asleep at night.')).toBe(
      'The red fox is asleep at night in the city.',
    );
    expect(last('Mia is a red cat in the city.', 'Her scarf is blue.')).toBe('Her scarf is blue.');
    expect(last('Mia is a red cat in the city.', "Mia's scarf is blue.")).toBe("Mia's scarf is blue.");
  });
});

describe('where, when and in which weather', () => {
  test('another place begins another setting', () => {
    expect(
      told(['A red fox sits in the city at night in the rain.', 'It waves.', 'It runs on the beach.', 'It sits.']),
    ).toEqual([
      'A red fox sits in the city at night in the rain.',
      'The red fox waves in the city at night in the rain.',
      'The red fox runs on the beach.',
      'The red fox sits on the beach.',
    ]);
  });

  test('a place is told as it was named', () => {
    expect(last('A red fox sits at the beach.', 'It waves.')).toBe('The red fox waves at the beach.');
    expect(last('A red fox walks across the small farm.', 'It waves.')).toBe('The red fox waves on the farm.');
    expect(last('A red fox in the living room.', 'It waves.')).toBe('The red fox waves in the living room.');
    expect(last('A red fox sits in the city.', 'The fox sleeps at home.', 'It waves.')).toBe(
      'The red fox waves at home.',
    );
  });

  test('rain that has stopped and a night that is over are not told', () => {
    expect(last('A red fox sits in the city in the rain.', 'The rain has stopped. The fox waves.', 'It sits.')).toBe(
      'The red fox sits in the city.',
    );
    expect(last('A red fox sits in the city at night.', 'The next morning the fox waves.', 'It sits.')).toBe(
      'The red fox sits in the city.',
    );
  });

  test('where nobody is spoken of nothing is missing', () => {
    expect(last('A red fox sits in the city at night.', 'The camera pans to the right.')).toBe(
      'The camera pans to the right.',
    );
    expect(last('A red fox sits in the city at night.', '')).toBe('');
  });
});

describe('what is never done', () => {
  test('a prompt that says all stays, character for character', () => {
    for (const prompt of [
      '  A red   fox, sits in the city!',
      'a RED fox sits in the city',
      'Рыжая лиса 🦊',
      'On the moon a red fox’s hat',
    ]) {
      expect(last('A blue dog with a hat stands on the moon.', prompt)).toBe(prompt);
    }
  });

  test('a model without vocabulary is told what was written', () => {
    const { prompt } = completePrompt(
      completePrompt(null, 'A red fox sits in the city.', animatic).story,
      'It waves.',
      null,
    );
    expect(prompt).toBe('It waves.');
  });

  test('no more is told than the model reads, the most important first', () => {
    const few = sceneWordsOf(listed, 8);
    const first = 'A red fox with a blue scarf sits in the city at night.';
    expect(told([first, 'The fox waves.'], few).at(-1)).toBe('The red fox waves in the city.');
    expect(told([first, 'The fox waves and waves and waves.'], few).at(-1)).toBe('The fox waves and waves and waves.');
  });

  test('no prompt, however odd, ends in an error', () => {
    const parts = [
      'they',
      'it',
      'Mia',
      'is a',
      'cat',
      "'",
      's',
      'the',
      ',',
      '.',
      'with',
      'a red',
      'hat',
      'named',
      'in the',
      'city',
      '  ',
      'both',
      '🦊',
      'her',
    ];
    let seed = 1;
    const next = () => (seed = (seed * 48271) % 2147483647);
    for (let i = 0; i < 2000; i++) {
      const prompts = Array.from({ length: 3 }, () =>
        Array.from({ length: next() % 9 }, () => parts[next() % parts.length]).join(' '),
      );
      for (const prompt of told(prompts)) expect(prompt).not.toMatch(/undefined|null/);
    }
  });
});
