import {
  Box,
  Camera,
  Cat,
  CloudRain,
  Crown,
  Drama,
  IdCard,
  type LucideIcon,
  MapPin,
  Palette,
  PersonStanding,
  Scaling,
  Sunset,
} from 'lucide-react';
import { useMemo, useState } from 'react';
import { groupName, groupsOf, type KnownWord } from '../../../shared/word-help.ts';
import { addWord } from '../../actions/add-word.ts';
import { useSelection } from '../../state/index.ts';
import { useVocabulary, useWordPictures } from '../../state/known-words.ts';
import { closeDialog } from '../../state/view.ts';
import { Dialog, Field, TextField, WordPicture } from '../../ui/index.ts';
import { foldSynonyms, type Meaning, meaningsMatching } from './fold-synonyms.ts';
import css from './words-dialog.module.css';

const icons: Readonly<Record<string, LucideIcon>> = {
  character: Cat,
  name: IdCard,
  colour: Palette,
  accessory: Crown,
  prop: Box,
  action: PersonStanding,
  place: MapPin,
  time: Sunset,
  weather: CloudRain,
  size: Scaling,
  camera: Camera,
};

/** The words that the model knows, by what they are for. A press adds one to the prompt of the selected shot. */
export function WordsDialog() {
  const words = useVocabulary();
  const shotChosen = useSelection((state) => state.shotId !== null);
  return (
    <Dialog
      title="Words the model knows"
      description={
        words?.length === 0
          ? undefined
          : shotChosen
            ? 'A press adds the word to the prompt of the selected shot.'
            : 'Select a shot, and a press adds the word to its prompt.'
      }
      width={720}
      onClose={closeDialog}
    >
      {words?.length === 0 ? <NoList /> : words && <WordList words={words} usable={shotChosen} />}
    </Dialog>
  );
}

/** For models trained on whole sentences: how their papers say prompts should be written. */
function NoList() {
  return (
    <div className={css.advice}>
      <p>This model does not list the words it knows. It was trained on whole sentences, so write whole sentences:</p>
      <ul>
        <li>Say who is there and what they look like, what they do, where they are, and the light.</li>
        <li>Repeat who and where in every shot, in the same words.</li>
        <li>Let one shot be one thing that happens, some ten seconds long.</li>
        <li>Say the shot size and how the camera moves, if it matters.</li>
      </ul>
    </div>
  );
}

function WordList({ words, usable }: { readonly words: readonly KnownWord[]; readonly usable: boolean }) {
  const [sought, setSought] = useState('');
  const meanings = useMemo(() => foldSynonyms(words), [words]);
  const shown = meaningsMatching(meanings, sought);
  const groups = groupsOf(shown.map(({ head }) => head));
  return (
    <>
      <Field label="Find a word">
        {(id) => <TextField id={id} value={sought} onChange={(event) => setSought(event.target.value)} />}
      </Field>
      {shown.length === 0 && <p role="status">The model knows no word like that.</p>}
      {groups.map((group) => {
        const Icon = icons[group] ?? Drama;
        return (
          <section key={group} className={css.group} aria-label={groupName(group)}>
            <h3>
              <Icon size={15} aria-hidden="true" /> {groupName(group)}
            </h3>
            <ul>
              {shown
                .filter(({ head }) => head.group === group)
                .map((meaning) => (
                  <Word key={meaning.head.word} meaning={meaning} usable={usable} />
                ))}
            </ul>
          </section>
        );
      })}
    </>
  );
}

function Word({ meaning: { head, others }, usable }: { readonly meaning: Meaning; readonly usable: boolean }) {
  const pictures = useWordPictures();
  return (
    <li>
      <WordPicture pictures={pictures} word={head} width={80} />
      <div>
        <button type="button" className={css.word} disabled={!usable} onClick={() => addWord(head.word)}>
          {head.group === 'colour' && <i className={css.swatch} style={{ background: head.word }} />}
          {head.word}
        </button>
        {others.length > 0 && <small>also {others.join(', ')}</small>}
      </div>
    </li>
  );
}
