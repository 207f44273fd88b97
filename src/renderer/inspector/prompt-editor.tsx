import { useEffect, useRef, useState } from 'react';
import type { ProjectShot } from '../../shared/project/document.ts';
import { limits } from '../../shared/project/limits.ts';
import { explainWord, firstWords, leftOutWords, type PromptCheck, type UnknownWord } from '../../shared/word-help.ts';
import { writeNextShot } from '../actions/shots.ts';
import { api, dispatch, selectShots, Typing, useReadOnly } from '../state/index.ts';
import { openDialog, useView } from '../state/view.ts';
import { Field } from '../ui/index.ts';
import css from './inspector.module.css';
import { markWords, replaceable, replaceWord, replaceWords } from './mark-words.ts';
import { ToldPrompt, useCompletes } from './told-prompt.tsx';
import { useWordOffers } from './word-offers.tsx';

/** Milliseconds of rest before words are looked up. */
const pauseMs = 250;

/** A shot's prompt. Words that the model does not know are underlined, with others to take instead; what it does not read is struck through. */
export function PromptEditor({ shot }: { readonly shot: ProjectShot }) {
  const { id, prompt } = shot;
  const field = useRef<HTMLTextAreaElement>(null);
  const mirror = useRef<HTMLDivElement>(null);
  const typing = useRef(new Typing('prompt'));
  const check = usePromptCheck(prompt);
  const { unreadFrom } = check;
  const readOnly = useReadOnly();
  const completes = useCompletes();
  useFocusOnAsk(field);
  const write = (text: string) => dispatch({ type: 'edit-shot', id, patch: { prompt: text } }, typing.current.step());
  const take = (word: UnknownWord, suggestion: string) => {
    typing.current.begin();
    write(replaceWord(prompt, word, suggestion));
    field.current?.focus();
  };
  const offers = useWordOffers(mirror, (begun, word) => {
    const text = replaceWord(prompt, begun, word);
    write(text);
    const caret = text.length - (prompt.length - begun.end);
    requestAnimationFrame(() => field.current?.setSelectionRange(caret, caret));
  });
  // A word that is being typed is not unknown yet.
  const unknown = check.unknown.filter(({ end }) => end !== offers.typingAt);
  const helped = unknown.filter(({ suggestions }) => suggestions.length > 0);
  const sure = replaceable(unknown);
  const takeAll = () => {
    typing.current.begin();
    write(replaceWords(prompt, sure));
    field.current?.focus();
  };
  const leftOut = leftOutWords(unknown);
  return (
    <Field
      label="Prompt"
      help={
        prompt === ''
          ? `Say who is there, what they do, and where. ${completes ? 'What you leave out is taken from the shots before' : 'Repeat who and where in every shot'}. Shift+Enter goes on to the next shot.`
          : undefined
      }
    >
      {(fieldId) => (
        <div>
          <div className={css.prompt}>
            <div ref={mirror} className={css.mirror} aria-hidden="true">
              {markWords(prompt, { unknown, unreadFrom }).map(({ start, text, taken }) =>
                taken === 'read' ? (
                  <span key={start}>{text}</span>
                ) : (
                  <mark key={start} className={css[taken]}>
                    {text}
                  </mark>
                ),
              )}
            </div>
            <textarea
              ref={field}
              id={fieldId}
              value={prompt}
              maxLength={limits.prompt}
              spellCheck={false}
              aria-describedby={`${fieldId}-told`}
              placeholder="A red cat waves in the meadow."
              onFocus={() => {
                typing.current.begin();
                selectShots([id]);
              }}
              {...offers.aria}
              onBlur={offers.close}
              onPointerDown={offers.close}
              onChange={(event) => {
                write(event.target.value);
                offers.typed(event.target.value, event.target.selectionStart);
              }}
              onKeyDown={(event) => {
                if (offers.onKey(event)) return;
                if (event.key !== 'Enter' || event.ctrlKey || event.metaKey) return;
                // A prompt is one paragraph: Enter is done with it, and with Shift goes on to the next shot.
                event.preventDefault();
                event.currentTarget.blur();
                if (event.shiftKey && !readOnly) writeNextShot();
              }}
            />
            {offers.list}
          </div>
          <ToldPrompt key={id} shot={shot} id={`${fieldId}-told`} />
          <button type="button" className={css.wordsLink} onClick={() => openDialog({ kind: 'words' })}>
            Words the model knows
          </button>
          {(unknown.length > 0 || unreadFrom !== null) && (
            <div className={css.words} role="status">
              {unreadFrom !== null && (
                <div className={css.word}>
                  <span>
                    Too long: the model stops reading before <b>{firstWords(prompt.slice(unreadFrom))}</b>. Say less, or
                    split the shot.
                  </span>
                </div>
              )}
              {sure.length > 1 && (
                <div className={css.word}>
                  <span>
                    All at once: {sure.map(({ word, replacement }) => `${word.word} → ${replacement}`).join(', ')}
                  </span>
                  <button type="button" onClick={takeAll}>
                    Replace all {sure.length}
                  </button>
                </div>
              )}
              {helped.map((word) => (
                <div key={word.start} className={css.word}>
                  <span>
                    {explainWord(word).before} <b>{word.word}</b>
                    {explainWord(word).after}
                  </span>
                  {word.suggestions.map((suggestion) => (
                    <button
                      key={suggestion}
                      type="button"
                      aria-label={`Replace ${word.word} with ${suggestion}`}
                      onClick={() => take(word, suggestion)}
                    >
                      {suggestion}
                    </button>
                  ))}
                </div>
              ))}
              {leftOut.map(({ words, advice }) => (
                <div key={advice} className={css.word}>
                  <span>
                    The model leaves out{' '}
                    {words.map((word, i) => (
                      <span key={word}>
                        {i > 0 && ', '}
                        <b>{word}</b>
                      </span>
                    ))}
                    , which it does not know. {advice}
                  </span>
                </div>
              ))}
            </div>
          )}
        </div>
      )}
    </Field>
  );
}

/** How the model takes a prompt; while it is typed, what still holds of before. */
function usePromptCheck(prompt: string): PromptCheck {
  const [found, setFound] = useState<{ readonly prompt: string; readonly check: PromptCheck }>();
  useEffect(() => {
    if (prompt.trim() === '') return;
    let current = true;
    const timer = setTimeout(() => {
      // Help only: where the model cannot be asked, nothing is underlined.
      api.model.checkPrompt({ prompt }).then(
        (check) => current && setFound({ prompt, check }),
        () => {},
      );
    }, pauseMs);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [prompt]);
  if (!found || prompt.trim() === '') return { unknown: [], unreadFrom: null };
  const { unknown, unreadFrom } = found.check;
  return {
    unknown: unknown.filter(({ start, end, word }) => prompt.slice(start, end) === word),
    unreadFrom: unreadFrom !== null && prompt.startsWith(found.prompt.slice(0, unreadFrom + 1)) ? unreadFrom : null,
  };
}

/** Takes the focus, and selects what is there, when the graph asks for the prompt to be written. */
function useFocusOnAsk(field: React.RefObject<HTMLTextAreaElement | null>): void {
  const asked = useView((state) => state.promptFocus);
  useEffect(() => {
    if (asked === 0 || asked === answered) return;
    answered = asked;
    field.current?.focus();
    field.current?.select();
  }, [asked, field]);
}

/** The last request that was answered: a prompt shown later does not take the focus for an older one. */
let answered = 0;
