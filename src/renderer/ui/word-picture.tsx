import type { KnownWord, WordPictures } from '../../shared/word-help.ts';

/** What a word, or one that the model draws alike, looks like, so wide in pixels; nothing where there is no picture. */
export function WordPicture({
  pictures,
  word,
  width,
}: {
  readonly pictures: WordPictures | null | undefined;
  readonly word: KnownWord;
  readonly width: number;
}) {
  const index = pictures?.words.findIndex((shown) => shown === word.word || word.synonyms.includes(shown)) ?? -1;
  if (!pictures || index < 0) return null;
  const height = Math.round((width * pictures.height) / pictures.width);
  return (
    <span
      aria-hidden="true"
      data-word-picture={word.word}
      style={{
        ...{ flex: 'none', width, height, borderRadius: 4, backgroundImage: `url(${pictures.sheet})` },
        backgroundSize: `${width}px ${height * pictures.words.length}px`,
        backgroundPosition: `0 ${-index * height}px`,
      }}
    />
  );
}
