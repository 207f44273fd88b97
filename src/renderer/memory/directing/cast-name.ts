import { limits } from '../../../shared/project/limits.ts';
import { readScene, sceneWordsOf, type VocabularyWord } from '../../../shared/scene/index.ts';
import { shortName } from '../line/line.ts';

/** Letters of a name that is made of a prompt's first words. */
const mostLetters = 28;

/**
 * The name that a frame is offered to the cast under: who its prompt says is there (`red cat, blue robot`); of a model that
 * lists no words, the first words of the prompt.
 */
export function proposedCastName(prompt: string, vocabulary: readonly VocabularyWord[]): string {
  const { who } = readScene(prompt, vocabulary.length > 0 ? sceneWordsOf(vocabulary) : null);
  if (who.length > 0)
    return who
      .map(({ word }) => word)
      .join(', ')
      .slice(0, limits.pinName);
  return shortName(prompt, mostLetters).replace(/[.…]$/, '');
}
