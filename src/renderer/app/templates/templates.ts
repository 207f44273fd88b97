import type { Script } from '../../state/view.ts';

/** A small story to begin from. */
export interface Template {
  readonly title: string;
  /** What it is good for, in a sentence. */
  readonly about: string;
  readonly script: Script;
}

/** Stories in plain text, a shot a paragraph, in words that the built-in model knows. */
export const templates: readonly Template[] = [
  {
    title: 'Away and back',
    about: 'A place is left and returned to: see what is remembered.',
    script: {
      name: 'Away and back.txt',
      text: [
        'A red cat waves in the meadow.',
        'The red cat walks in the meadow.',
        'A blue robot stands in the city at night.',
        'A yellow duck sits on the beach at sunset.',
        'Back in the meadow, the red cat waves again.',
      ].join('\n\n'),
    },
  },
  {
    title: 'Two friends meet',
    about: 'Two characters, each in a place of their own, then together.',
    script: {
      name: 'Two friends meet.txt',
      text: [
        'A white rabbit with a scarf stands in the snow.',
        'A green frog sits in the kitchen.',
        'The white rabbit with a scarf walks in the forest.',
        'The green frog runs in the forest.',
        'The white rabbit with a scarf and the green frog dance in the forest.',
      ].join('\n\n'),
    },
  },
  {
    title: 'One day',
    about: 'The same place in the morning, at sunset and at night.',
    script: {
      name: 'One day.txt',
      text: [
        'An orange fox walks on the farm in the morning.',
        'The orange fox jumps on the farm.',
        'The orange fox sits on the farm at sunset.',
        'The orange fox sleeps on the farm at night.',
      ].join('\n\n'),
    },
  },
];
