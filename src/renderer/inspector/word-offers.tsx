import { type KeyboardEvent, type RefObject, useId, useLayoutEffect, useState } from 'react';
import { groupName, type KnownWord } from '../../shared/word-help.ts';
import { useVocabulary, useWordPictures } from '../state/known-words.ts';
import { WordPicture } from '../ui/index.ts';
import { type BegunWord, begunWord, completions } from './complete-word.ts';
import css from './word-offers.module.css';

interface Place {
  readonly left: number;
  readonly top: number;
}

export interface WordOffers {
  /** For the text field: what screen readers are told. */
  readonly aria: {
    readonly 'aria-autocomplete': 'list';
    readonly 'aria-controls'?: string;
    readonly 'aria-activedescendant'?: string;
  };
  /** Call when text was typed, with the text and where the caret stands. */
  readonly typed: (text: string, caret: number) => void;
  /** Call first for a key; true: it was for the list. */
  readonly onKey: (event: KeyboardEvent) => boolean;
  readonly close: () => void;
  /** Where the word ends that something is offered for; null while nothing is. */
  readonly typingAt: number | null;
  /** The list itself, while something is offered. */
  readonly list: React.ReactNode;
}

/**
 * Offers words that the model knows while a word is typed. Arrows choose one, Enter takes the chosen one, Escape closes
 * the list; nothing is chosen until then, so that typing on is never disturbed.
 * @param mirror lies under the text field with the same text in the same places
 */
export function useWordOffers(
  mirror: RefObject<HTMLElement | null>,
  onTake: (begun: BegunWord, word: string) => void,
): WordOffers {
  const vocabulary = useVocabulary() ?? [];
  const pictures = useWordPictures();
  const id = useId();
  const [begun, setBegun] = useState<BegunWord | null>(null);
  const [chosen, setChosen] = useState(-1);
  const [place, setPlace] = useState<Place | null>(null);
  const offered = begun ? completions(vocabulary, begun.text) : [];
  const open = begun !== null && offered.length > 0;

  useLayoutEffect(() => {
    setPlace(open && begun && mirror.current ? placeOf(mirror.current, begun.start) : null);
  }, [open, begun, mirror]);

  const close = () => {
    setBegun(null);
    setChosen(-1);
  };
  const take = ({ word }: KnownWord) => {
    if (begun) onTake(begun, word);
    close();
  };
  return {
    aria: {
      'aria-autocomplete': 'list',
      ...(open ? { 'aria-controls': id } : {}),
      ...(open && chosen >= 0 ? { 'aria-activedescendant': `${id}-${chosen}` } : {}),
    },
    typed: (text, caret) => {
      setBegun(begunWord(text, caret));
      setChosen(-1);
    },
    close,
    typingAt: open ? begun.end : null,
    onKey: (event) => {
      if (!open) return false;
      if (event.key === 'ArrowDown') setChosen((chosen + 1) % offered.length);
      else if (event.key === 'ArrowUp' && chosen >= 0) setChosen(chosen - 1);
      else if (event.key === 'Enter' && offered[chosen]) take(offered[chosen]);
      else if (event.key === 'Escape') close();
      else {
        if (/^(Arrow|Home|End|Page)/.test(event.key)) close();
        return false;
      }
      event.preventDefault();
      event.stopPropagation();
      return true;
    },
    list: open && place && (
      <div id={id} role="listbox" aria-label="Words the model knows" className={css.offers} style={place}>
        {offered.map((word, i) => (
          // biome-ignore lint/a11y/useFocusableInteractive lint/a11y/useKeyWithClickEvents: as above
          <div
            key={word.word}
            id={`${id}-${i}`}
            role="option"
            aria-selected={i === chosen}
            className={css.offer}
            // The press would take the focus from the text field.
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => take(word)}
          >
            <WordPicture pictures={pictures} word={word} width={40} />
            <span>{word.word}</span>
            <small>{groupName(word.group)}</small>
          </div>
        ))}
      </div>
    ),
  };
}

/** Below the letter at `offset`, from the upper left corner of the mirror. */
function placeOf(mirror: HTMLElement, offset: number): Place | null {
  const texts = document.createTreeWalker(mirror, NodeFilter.SHOW_TEXT);
  let before = 0;
  for (let node = texts.nextNode(); node; node = texts.nextNode()) {
    const length = node.textContent?.length ?? 0;
    if (offset < before + length) {
      const range = document.createRange();
      range.setStart(node, offset - before);
      range.setEnd(node, offset - before + 1);
      const letter = range.getBoundingClientRect();
      const box = mirror.getBoundingClientRect();
      return { left: Math.min(letter.left - box.left, Math.max(0, box.width - 190)), top: letter.bottom - box.top + 4 };
    }
    before += length;
  }
  return null;
}
