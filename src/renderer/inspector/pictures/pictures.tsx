import { ImagePlus, Pin, PinOff, X } from 'lucide-react';
import { useMemo, useRef } from 'react';
import type { Picture } from '../../../shared/pictures.ts';
import type { ProjectDocument, ProjectShot, ShotId } from '../../../shared/project/document.ts';
import { limits } from '../../../shared/project/limits.ts';
import { pathTo } from '../../../shared/project/tree.ts';
import { picturesForgotten } from '../../../shared/recipes.ts';
import { pictureUrl } from '../../memory/line/line.ts';
import { dispatch, Typing, useActiveCut, useStory, useStudio } from '../../state/index.ts';
import { Button, Field, IconButton, TextField } from '../../ui/index.ts';
import { addPicture, choosePicture, droppedPicture } from './picture-files.ts';
import css from './pictures.module.css';

/** A picture that is in memory at a shot, and where it was put there; null: in the whole story. */
interface HeldPicture {
  readonly picture: Picture;
  readonly saidIn: ShotId | null;
}

/** Pictures in memory at this shot: what they show, and which shots of the cut recall them. */
export function Pictures({ shot }: { readonly shot: ProjectShot }) {
  const document = useStory((state) => state.document);
  const plan = useStory((state) => state.plan);
  const model = useStudio((state) => state.model);
  const held = useMemo(() => (document ? heldAt(document, shot) : []), [document, shot]);
  const settings = plan?.chunksOf(shot.id)[0]?.recipe.memory ?? model?.memory;
  const forgotten = model && settings ? picturesForgotten(model, settings) : null;
  const onDrop = (event: React.DragEvent) => {
    const file = droppedPicture(event);
    if (!file) return;
    event.preventDefault();
    event.stopPropagation();
    void addPicture(file, shot.id, 'memory');
  };
  return (
    <Field
      label="Pictures in memory"
      help={
        forgotten ?? 'What somebody or some place looks like, from this shot on. Say what is on it, as a prompt would.'
      }
    >
      {(id) => (
        // biome-ignore lint/a11y/noStaticElementInteractions: dropping a file here is the same as the button
        <div onDrop={onDrop} onDragOver={(event) => event.preventDefault()}>
          {held.length > 0 && (
            <ul className={css.list}>
              {held.map(({ picture, saidIn }) => (
                <PictureRow key={picture.asset} picture={picture} saidIn={saidIn} />
              ))}
            </ul>
          )}
          <Button id={id} small aria-label="Add a picture…" onClick={() => choosePicture(shot.id, 'memory')}>
            <ImagePlus size={14} /> Add a picture…
          </Button>
        </div>
      )}
    </Field>
  );
}

function PictureRow({ picture, saidIn }: HeldPicture) {
  const typing = useRef(new Typing('edit'));
  const where = useRemembering(picture.asset);
  const change = (patch: Partial<Record<'name' | 'says', string>>, gesture: string | null) => {
    const { says: _, ...rest } = picture;
    const says = patch.says ?? picture.says ?? '';
    const next = { ...rest, name: patch.name ?? picture.name, ...(says === '' ? {} : { says }) };
    dispatch({ type: 'put-picture', shotId: saidIn, picture: next }, gesture);
  };
  const pinned = picture.pinned ?? true;
  const turn = () => {
    const { pinned: _, ...rest } = picture;
    dispatch({ type: 'put-picture', shotId: saidIn, picture: pinned ? { ...rest, pinned: false } : rest });
  };
  return (
    <li className={css.row}>
      <img className={css.picture} src={pictureUrl(picture.asset)} alt={picture.name} draggable={false} />
      <div className={css.words}>
        <TextField
          aria-label="Name of the picture"
          value={picture.name}
          maxLength={limits.pinName}
          onFocus={() => typing.current.begin()}
          onChange={(event) => {
            if (event.target.value !== '') change({ name: event.target.value }, typing.current.step('name'));
          }}
        />
        <TextField
          aria-label={`What is on ${picture.name}`}
          placeholder="What is on it: a red fox with glasses"
          value={picture.says ?? ''}
          maxLength={limits.prompt}
          onFocus={() => typing.current.begin()}
          onChange={(event) => change({ says: event.target.value }, typing.current.step('says'))}
        />
        <span className={css.where}>{where}</span>
      </div>
      <IconButton
        small
        label={
          pinned
            ? 'Always recalled; press to recall it where it suits the prompt'
            : 'Recalled where it suits the prompt; press to recall it always'
        }
        aria-pressed={pinned}
        onClick={turn}
      >
        {pinned ? <Pin size={14} fill="currentColor" /> : <PinOff size={14} />}
      </IconButton>
      <IconButton
        small
        label={`Take ${picture.name} out of memory`}
        onClick={() => dispatch({ type: 'remove-picture', shotId: saidIn, asset: picture.asset })}
      >
        <X size={14} />
      </IconButton>
    </li>
  );
}

/** Which shots of the cut have a picture in memory, in a few words. */
function useRemembering(asset: string): string {
  const cut = useActiveCut();
  const plan = useStory((state) => state.plan);
  return useMemo(() => {
    const numbers = (cut?.shots ?? []).flatMap(({ id }, i) =>
      plan?.chunksOf(id).some(({ recipe }) => recipe.pictures?.some((picture) => picture.asset === asset))
        ? [i + 1]
        : [],
    );
    const [first, last] = [numbers[0], numbers.at(-1)];
    if (first === undefined) return 'In the memory of no shot';
    return first === last ? `In the memory of shot ${first}` : `In the memory of shots ${first} to ${last}`;
  }, [cut, plan, asset]);
}

function heldAt(document: ProjectDocument, shot: ProjectShot): HeldPicture[] {
  const held = new Map<string, HeldPicture>();
  const add = (pictures: readonly Picture[] | undefined, saidIn: ShotId | null): void => {
    for (const picture of pictures ?? []) held.set(picture.asset, { picture, saidIn });
  };
  add(document.memory.pictures, null);
  for (const { id, memory } of pathTo(document, shot.id)) add(memory.pictures, id);
  return [...held.values()];
}
