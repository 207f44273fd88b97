import { useQuery } from '@tanstack/react-query';
import type { KnownWord, WordPictures } from '../../shared/word-help.ts';
import { ask } from './queries.ts';
import { useStudio } from './studio.ts';

/** The words that the chosen model knows: none where it lists none, undefined until they are read. */
export function useVocabulary(): readonly KnownWord[] | undefined {
  const model = useStudio((state) => state.settings?.modelFolder ?? 'built-in');
  const { data } = useQuery({
    ...ask.model.vocabulary.queryOptions(),
    queryKey: ['vocabulary', model],
    staleTime: Number.POSITIVE_INFINITY,
  });
  return data;
}

/** What some of them look like: null where the model has no pictures of words, undefined until they are read. */
export function useWordPictures(): WordPictures | null | undefined {
  const model = useStudio((state) => state.settings?.modelFolder ?? 'built-in');
  const { data } = useQuery({
    ...ask.model.wordPictures.queryOptions(),
    queryKey: ['word-pictures', model],
    staleTime: Number.POSITIVE_INFINITY,
  });
  return data;
}
