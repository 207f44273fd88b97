import { ChevronDown, ChevronUp, X } from 'lucide-react';
import { type KeyboardEvent, useEffect, useRef } from 'react';
import { closeFind, refreshFound, seekText, stepFound, useFind } from '../state/find/find.ts';
import { type FoundPlace, fieldOf, type SearchedField } from '../state/find/find-in-story.ts';
import { useStory } from '../state/index.ts';
import { useLayer } from '../state/layers.ts';
import { IconButton } from '../ui/index.ts';
import css from './find-bar.module.css';
import { counted } from './words.ts';

const fieldNames: Record<SearchedField, string> = {
  name: 'Name',
  prompt: 'Prompt',
  scene: 'Scene',
  number: 'Number',
  action: 'Action',
  dialogue: 'Dialogue',
  camera: 'Camera',
  notes: 'Notes',
};

/** Searches prompts and fields; over the graph, which shows what was found. */
export function FindBar() {
  const open = useFind((state) => state.open);
  return open ? <Bar /> : null;
}

function Bar() {
  const { text, places, at, asked } = useFind();
  const document = useStory((state) => state.document);
  const field = useRef<HTMLInputElement>(null);
  const place = places[at];
  useEffect(() => {
    if (document) refreshFound();
  }, [document]);
  useEffect(() => {
    if (asked === 0) return;
    field.current?.focus();
    field.current?.select();
  }, [asked]);
  // Escape elsewhere: the person has gone on with what was found.
  useLayer(() => closeFind(false));
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter') stepFound(event.shiftKey ? -1 : 1);
    else if (event.key === 'Escape') closeFind(true);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <search className={css.bar} aria-label="Find in the story">
      <div className={css.row}>
        <input
          ref={field}
          className={css.field}
          aria-label="Find in prompts and fields"
          placeholder="Find in prompts and fields"
          value={text}
          maxLength={200}
          spellCheck={false}
          onChange={(event) => seekText(event.target.value)}
          onKeyDown={onKeyDown}
        />
        <span className={css.count} role="status">
          {text.trim() === '' ? '' : countWords(places, at)}
        </span>
        <IconButton small label="The one before" keys="Shift+Enter" disabled={!place} onClick={() => stepFound(-1)}>
          <ChevronUp size={15} />
        </IconButton>
        <IconButton small label="The next" keys="Enter" disabled={places.length === 0} onClick={() => stepFound(1)}>
          <ChevronDown size={15} />
        </IconButton>
        <IconButton small label="Close and stay here. Escape goes back" onClick={() => closeFind(false)}>
          <X size={15} />
        </IconButton>
      </div>
      {place && <Snippet place={place} />}
    </search>
  );
}

function countWords(places: readonly FoundPlace[], at: number): string {
  if (places.length === 0) return 'Not found';
  const shots = new Set(places.map(({ shotId }) => shotId)).size;
  return `${at < 0 ? '' : `${at + 1} of `}${places.length}, in ${counted(shots, 'shot')}`;
}

/** Letters shown before what was found. */
const lead = 28;

/** What stands around the place, since a card may have no room for it. */
function Snippet({ place: { shotId, field, start, end } }: { readonly place: FoundPlace }) {
  const shot = useStory((state) => state.byId.get(shotId));
  if (!shot) return null;
  const text = fieldOf(shot, field);
  const from = start <= lead ? 0 : Math.max(0, text.lastIndexOf(' ', start - lead) + 1);
  return (
    <p className={css.snippet}>
      <b>{fieldNames[field]}</b> {from > 0 && '… '}
      {text.slice(from, start)}
      <mark>{text.slice(start, end)}</mark>
      {text.slice(end)}
    </p>
  );
}
