import type { Story } from '../../../shared/story.ts';
import { type ToldModel, toldPrompts } from '../../../shared/told-prompts.ts';
import { type StoryWords, shotsNamed, storyWords } from '../../../shared/word-help.ts';
import type { Vocabulary } from './vocabulary.ts';

/** Words named before the rest is counted. */
const mostWords = 6;

/** What a model makes of the words of a story. */
export function checkStory(vocabulary: Vocabulary, prompts: readonly string[]): StoryWords {
  return storyWords(
    prompts,
    prompts.map((prompt) => vocabulary.check(prompt)),
  );
}

/** What a person should be told of a story's words before it is rendered, a sentence or two each. */
export function wordNotes({ unknown, tooLong }: StoryWords): string[] {
  const notes: string[] = [];
  if (unknown.length > 0) {
    const named = unknown.slice(0, mostWords).map(({ word, shots, help }) => {
      const [instead] = help.suggestions;
      return `${word} (${shotsNamed(shots)}${instead === undefined ? '' : `; try ${instead}`})`;
    });
    const more = unknown.length > mostWords ? ` and ${unknown.length - mostWords} more` : '';
    const count = unknown.length === 1 ? 'a word' : `${unknown.length} words`;
    notes.push(`the model does not know ${count} and leaves them out: ${named.join(', ')}${more}.`);
  }
  for (const { shot, unread } of tooLong) {
    notes.push(`the prompt of shot ${shot + 1} is too long: the model stops reading before “${unread}”.`);
  }
  return notes;
}

/** Shots named before the rest is counted. */
const mostTold = 4;

/** What the model is told where that is not what a shot's prompt says, a sentence for all of them. */
export function toldNotes(story: Story, model: ToldModel): string[] {
  const told = toldPrompts(story, model).flatMap((text, i) => (text === story.shots[i]?.prompt ? [] : [{ text, i }]));
  if (told.length === 0) return [];
  const named = told.slice(0, mostTold).map(({ text, i }) => `shot ${i + 1}: “${text}”`);
  const more = told.length > mostTold ? `, and ${told.length - mostTold} more` : '';
  return [`prompts are completed from the story before them: ${named.join('; ')}${more}.`];
}
