import type { ImportPreview, ImportUpdate } from '../../../../shared/api/import-preview.ts';
import type { ShotFieldName } from '../../../../shared/shot-fields.ts';
import {
  type ImportedScene,
  type ImportedShot,
  type ImportNote,
  scriptFormats,
} from '../../../../shared/story-import/imported.ts';
import { type StoryWords, shotsNamed } from '../../../../shared/word-help.ts';
import { Segments } from '../../../ui/index.ts';
import { counted } from '../../words.ts';
import css from './preview.module.css';

/** Shots listed; the rest is counted. */
const mostShots = 300;
/** Notes and words listed before the rest is folded away. */
const mostNotes = 5;
const mostWords = 12;

export interface PreviewProps {
  readonly preview: ImportPreview;
  /** Keys of shots that are not wanted. */
  readonly leftOut: ReadonlySet<string>;
  readonly onLeaveOut: (keys: ReadonlySet<string>) => void;
  /** Whether what was brought in before follows the script. */
  readonly updating: boolean;
  readonly onUpdating: (updating: boolean) => void;
}

/** What a script would become: its scenes and shots, what is taken otherwise, and what the model will not understand. */
export function Preview({ preview, leftOut, onLeaveOut, updating, onUpdating }: PreviewProps) {
  const { script, words, shotCount, update } = preview;
  const scenes = script.stories.flatMap((story) => story.scenes).length;
  const several = script.stories.length > 1;
  const facts = [
    scriptFormats[script.format],
    several ? counted(script.stories.length, 'story').replace('storys', 'stories') : '',
    scenes > script.stories.length ? counted(scenes, 'scene') : '',
    counted(shotCount, 'shot'),
  ].filter(Boolean);
  return (
    <div className={css.preview}>
      <p className={css.facts}>{facts.join(' · ')}</p>
      {update && <Update update={update} updating={updating} onUpdating={onUpdating} />}
      <Words words={words} />
      <Notes notes={script.notes} />
      {!(update && updating) && (
        <Shots
          scenes={script.stories.flatMap((story) =>
            story.scenes.map((scene) => ({ scene, story: several ? story.title : '' })),
          )}
          count={shotCount}
          leftOut={leftOut}
          onLeaveOut={onLeaveOut}
        />
      )}
    </div>
  );
}

interface UpdateProps extends Pick<PreviewProps, 'updating' | 'onUpdating'> {
  readonly update: ImportUpdate;
}

function Update({ update: { changes, same }, updating, onUpdating }: UpdateProps) {
  const count = (kind: (typeof changes)[number]['kind']) => changes.filter((change) => change.kind === kind).length;
  const kept = changes.filter((change) => change.kind === 'changed' && change.kept.length > 0).length;
  return (
    <section className={css.box} aria-label="Update">
      <p>A script of this name was brought in before.</p>
      <Segments
        label="What to do with it"
        value={updating ? 'update' : 'again'}
        options={[
          { value: 'update', text: 'Update those shots' },
          { value: 'again', text: 'Bring it in again' },
        ]}
        onChange={(value) => onUpdating(value === 'update')}
      />
      {updating && (
        <p className={css.small}>
          {counted(count('changed'), 'shot')} follow the script, {count('new')} are new, {count('gone')} are gone,{' '}
          {same} stay as they are. {kept > 0 && `In ${counted(kept, 'shot')} what you changed yourself stays. `}
          Results that were made stay.
        </p>
      )}
    </section>
  );
}

function Words({ words: { unknown, tooLong } }: { readonly words: StoryWords }) {
  if (unknown.length === 0 && tooLong.length === 0) return null;
  return (
    <section className={css.box} aria-label="Words">
      {unknown.length > 0 && (
        <>
          <p>
            The model does not know {unknown.length === 1 ? 'a word' : counted(unknown.length, 'word')} and leaves{' '}
            {unknown.length === 1 ? 'it' : 'them'} out:
          </p>
          <ul className={css.words}>
            {unknown.slice(0, mostWords).map(({ word, shots, help }) => (
              <li key={word}>
                <b>
                  <bdi>{word}</bdi>
                </b>{' '}
                <small>{shotsNamed(shots)}</small>
                {help.suggestions[0] !== undefined && (
                  <small>
                    {' '}
                    · {help.reason === 'plural' ? 'plural of' : 'near:'} {help.suggestions.slice(0, 3).join(', ')}
                  </small>
                )}
              </li>
            ))}
            {unknown.length > mostWords && <li>and {unknown.length - mostWords} more</li>}
          </ul>
        </>
      )}
      {tooLong.length > 0 && (
        <p>
          {counted(tooLong.length, 'prompt')} {tooLong.length === 1 ? 'is' : 'are'} too long for the model (
          {shotsNamed(tooLong.map(({ shot }) => shot))}): it reads the beginning.
        </p>
      )}
    </section>
  );
}

function Notes({ notes }: { readonly notes: readonly ImportNote[] }) {
  if (notes.length === 0) return null;
  const list = notes.map(({ where, text }) => (
    <li key={`${where} ${text}`}>
      {text} {where !== '' && <small>{where}</small>}
    </li>
  ));
  return (
    <section aria-label="Notes">
      <ul className={css.notes}>{list.slice(0, mostNotes)}</ul>
      {list.length > mostNotes && (
        <details>
          <summary>{counted(list.length - mostNotes, 'more note')}</summary>
          <ul className={css.notes}>{list.slice(mostNotes)}</ul>
        </details>
      )}
    </section>
  );
}

const fieldNames: Readonly<Record<ShotFieldName, string>> = {
  scene: 'Scene',
  number: 'Number',
  action: 'Action',
  dialogue: 'Dialogue',
  notes: 'Notes',
  camera: 'Camera',
};

interface ShotsProps extends Pick<PreviewProps, 'leftOut' | 'onLeaveOut'> {
  readonly scenes: readonly { readonly scene: ImportedScene; readonly story: string }[];
  readonly count: number;
}

function Shots({ scenes, count, leftOut, onLeaveOut }: ShotsProps) {
  const set = (keys: readonly string[], wanted: boolean) => {
    const next = new Set(leftOut);
    for (const key of keys) wanted ? next.delete(key) : next.add(key);
    onLeaveOut(next);
  };
  let listed = 0;
  return (
    <section aria-label="Shots">
      {scenes.map(({ scene, story }, i) => {
        if (listed >= mostShots) return null;
        const shots = scene.shots.slice(0, mostShots - listed);
        listed += shots.length;
        const heading = [story, ...scene.sections, scene.number, scene.heading].filter(Boolean).join(' · ');
        const keys = scene.shots.map(({ key }) => key);
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: scenes stand in the order of the file
          <div key={i}>
            {heading !== '' && (
              <label className={css.scene}>
                <input
                  type="checkbox"
                  checked={keys.some((key) => !leftOut.has(key))}
                  onChange={(event) => set(keys, event.target.checked)}
                />
                {heading}
              </label>
            )}
            <ul className={css.shots}>
              {shots.map((shot) => (
                <Shot
                  key={shot.key}
                  shot={shot}
                  wanted={!leftOut.has(shot.key)}
                  onWanted={(wanted) => set([shot.key], wanted)}
                />
              ))}
            </ul>
          </div>
        );
      })}
      {count > listed && <p className={css.small}>and {counted(count - listed, 'more shot')}</p>}
    </section>
  );
}

interface ShotProps {
  readonly shot: ImportedShot;
  readonly wanted: boolean;
  readonly onWanted: (wanted: boolean) => void;
}

function Shot({ shot: { prompt, chunks, transition, fields }, wanted, onWanted }: ShotProps) {
  const kept = (Object.keys(fields) as ShotFieldName[]).filter((name) => name !== 'scene' && name !== 'number');
  const facts = [
    counted(chunks, 'chunk'),
    transition === undefined || transition === 'automatic' ? '' : transition,
    ...kept.map((name) => fieldNames[name].toLowerCase()),
  ].filter(Boolean);
  return (
    <li data-out={wanted ? undefined : ''}>
      <label className={css.shot}>
        <input type="checkbox" checked={wanted} onChange={(event) => onWanted(event.target.checked)} />
        <span>
          {prompt} <small>{facts.join(' · ')}</small>
        </span>
      </label>
    </li>
  );
}
