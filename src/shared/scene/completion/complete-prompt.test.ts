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

describe('what is not sure stays as it is written', () => {
  const two = ['A black cat and a white cat sit in a meadow.'];
  const met = ['Luna is a black cat in the city. She waves.', 'A dog named Max sees her.', 'He waves.'];

  test.each<[string, string[], string]>([
    ['two of a kind', [...two, 'The cat jumps.'], 'The cat jumps in the meadow.'],
    ['she, of two', ['A red fox meets a blue bear in the city.', 'She jumps.'], 'She jumps.'],
    [
      'a pronoun after one that is not sure',
      ['A red fox meets a blue bear.', 'She waves to him.'],
      'She waves to him.',
    ],
    ['one of two', ['A red fox meets a blue bear.', 'One of them waves.'], 'One of them waves.'],
    ['he, of several', ['Two foxes sit in the snow.', 'He waves.'], 'He waves.'],
    ['two who look alike', ['A dog sits.', 'A second dog comes.', 'They run.'], 'They run.'],
    ['somebody the model has no word for', ['Anna is a girl. Her dog Rex sits.', 'She waves.'], 'She waves.'],
    ['a thing', ['A red cat sits.', 'Now she wears it.'], 'Now the red cat wears it.'],
    ['it is', ['A red cat sits.', "It's a robot!"], "It's a robot!"],
    ['both cats', [...two, 'Both cats sleep.'], 'Both cats sleep in the meadow.'],
    ['the other', [...two, 'The other one waves.', 'She jumps.'], 'She jumps.'],
  ])('%s', (_, prompts, whole) => {
    expect(last(...prompts)).toBe(whole);
  });

  test('he and she are told apart once the story has said who is which', () => {
    expect(last(...met)).toBe('The dog waves in the city.');
    expect(last(...met, 'She runs after him.')).toBe('The black cat runs after the dog in the city.');
  });

  test('whose house it is, and what stands in brackets, takes no more words in between', () => {
    const fox = 'A fox with a purple scarf sits in the city.';
    expect(last(fox, "A cat runs past the fox's house.")).toMatch(/the fox's house/);
    expect(last(fox, 'A dog comes (the fox waves).')).not.toMatch(/city\)/);
  });

  test('who is walked up to is not who walks', () => {
    const rosa = 'Rosa is a pink rabbit. She stands in the garden.';
    expect(last(rosa, 'A blue dog walks up to her.')).toBe('A blue dog walks up to the pink rabbit in the garden.');
    expect(last(rosa, 'A blue dog comes.', 'The dog waves and Rosa sits next to him.')).toBe(
      'The blue dog waves and the pink rabbit sits next to him in the garden.',
    );
    expect(last(rosa, 'A blue dog comes. A fox sees her.')).toBe('A blue dog comes. A fox sees her in the garden.');
  });

  test('them is not who greets them, and the two of them is one phrase', () => {
    expect(last('Three ducks sit on the farm.', 'A robot greets them.')).toBe(
      'A robot greets the three ducks on the farm.',
    );
    expect(last('A red fox meets a blue bear in the city.', 'The two of them run.')).toBe(
      'The red fox and the blue bear run in the city.',
    );
  });

  test('a name is told of beside whom it names', () => {
    expect(last('A red cat, Rosa, sits in the city.', 'Rosa waves.')).toBe('The red cat waves in the city.');
    expect(last('The red fox - her name is Rosa - sits.', 'Rosa waves.')).toBe('The red fox waves.');
  });
});

describe('what is said, asked, denied, dreamt or over', () => {
  const fox = 'A red fox with a blue hat sits in the city at night.';

  test.each<[string, string[], string]>([
    [
      'speech',
      [fox, '"The cat is on the moon," says the fox.'],
      '"The cat is on the moon," says the red fox with a blue hat in the city at night.',
    ],
    [
      'speech goes nowhere',
      [fox, 'Voice: “He went to the moon.”', 'The fox waves.'],
      'The red fox with a blue hat waves in the city at night.',
    ],
    ['a question', [fox, 'Is it a cat?', 'It waves.'], 'The red fox with a blue hat waves in the city at night.'],
    ['nobody', [fox, 'There is no duck.', 'It waves.'], 'The red fox with a blue hat waves in the city at night.'],
    [
      'a dream',
      [fox, 'He dreams of a cat on the beach.', 'He waves.'],
      'The red fox with a blue hat waves in the city at night.',
    ],
    ['a sentence that breaks off', [fox, "The fox doesn't."], "The red fox with a blue hat doesn't."],
    ['who leaves', ['A red fox sits in the city.', 'The fox leaves.'], 'The red fox leaves.'],
    [
      'a hat that is taken off',
      [fox, 'The fox takes off the hat.', 'He waves.'],
      'The red fox waves in the city at night.',
    ],
    ['a hat in the prompt', [fox, 'The fox takes off the hat.'], 'The red fox takes off the hat in the city at night.'],
    ['nothing on', [fox, 'The fox wears nothing.', 'He waves.'], 'The red fox waves in the city at night.'],
    ['another colour', ['A red fox sits.', 'The fox becomes pink.', 'The fox waves.'], 'The pink fox waves.'],
    ['who went home', [fox, 'A blue duck goes home.', 'The fox waves.'], 'The red fox with a blue hat waves.'],
    [
      'a place no list knows',
      [fox, 'In the observatory the fox waves.'],
      'In the observatory the red fox with a blue hat waves.',
    ],
    ['two places', ['A red fox runs from the city to the beach.', 'It waves.'], 'The red fox waves.'],
  ])('%s', (_, prompts, whole) => {
    expect(last(...prompts)).toBe(whole);
  });

  test('the setting stands in the sentence that speaks of somebody', () => {
    expect(last('A red fox sits in the city.', 'The fox waves. Fade out.')).toBe(
      'The red fox waves in the city. Fade out.',
    );
  });

  test('very long prompts, and marks that are never closed, end', () => {
    for (const part of ['a ', '"a ', '“', 'cat ', 'they ', 'it ', '?', 'a\n', 'of them ']) {
      expect(last(fox, part.repeat(20_000))).toMatch(/^["“a-z?]/);
    }
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
