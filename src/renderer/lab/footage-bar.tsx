import { Film, X } from 'lucide-react';
import { useState } from 'react';
import { mostGiven } from '../../shared/footage.ts';
import type { Cut } from '../../shared/project/tree.ts';
import type { ModelInfo } from '../../shared/render.ts';
import { attempt, dispatch, useStudio } from '../state/index.ts';
import { Button, IconButton, NumberField } from '../ui/index.ts';
import css from './footage-bar.module.css';
import { addFootage, chooseFootage, droppedFiles } from './footage-files.ts';

/** The footage that the compared films begin with: choosing it, and how much of it they are given. */
export function FootageBar({ cut, disabled }: { readonly cut: Cut; readonly disabled: boolean }) {
  const model = useStudio((state) => state.model);
  const [reading, setReading] = useState<string | null>(null);
  const [root] = cut.shots;
  if (!model || !root) return null;
  const { footage } = root;
  const filmChunks = chunksOf(cut);
  const why = whyNoFootage(model, filmChunks);
  const most = footage ? mostGiven(footage, filmChunks) : 0;
  const take = (files: readonly File[]) => {
    if (files.length === 0 || reading !== null) return;
    setReading(files.length === 1 ? (files[0]?.name ?? '') : `${files.length} frames`);
    void attempt(addFootage(files, cut, model)).finally(() => setReading(null));
  };
  const onDrop = (event: React.DragEvent) => {
    if (!event.dataTransfer.types.includes('Files')) return;
    event.preventDefault();
    event.stopPropagation();
    if (why === null && !disabled) void droppedFiles(event.dataTransfer).then(take);
  };
  const choose = footage ? 'Another clip…' : 'Choose footage…';
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping a file here is the same as the button
    <div className={css.bar} onDrop={onDrop} onDragOver={(event) => event.preventDefault()}>
      <span className={css.label}>Footage</span>
      {footage && (
        <>
          <span className={css.name} title={footage.name}>
            {footage.name}
          </span>
          {most >= 1 && (
            <>
              <NumberField
                label="Chunks that are given"
                value={footage.given}
                min={1}
                max={Math.max(most, footage.given)}
                stepper
                width={96}
                disabled={disabled}
                onChange={(given) =>
                  dispatch({
                    type: 'set-footage',
                    shotId: root.id,
                    footage: { ...footage, given: Math.min(given, most) },
                  })
                }
              />
              <span className={css.help}>{givenWords(footage.given, most, filmChunks, footage.chunks.length)}</span>
            </>
          )}
        </>
      )}
      <Button small disabled={disabled || why !== null || reading !== null} onClick={() => chooseFootage(take)}>
        <Film size={14} /> {choose}
      </Button>
      {footage && (
        <IconButton
          small
          label={footage.begins ? 'Begin the story without footage' : 'Compare without footage'}
          disabled={disabled}
          onClick={() => dispatch({ type: 'set-footage', shotId: root.id, footage: null })}
        >
          <X size={14} />
        </IconButton>
      )}
      <span className={css.help} role="status">
        {reading !== null ? `Reading ${reading}…` : (why ?? helpOf(footage?.begins ?? false, footage !== undefined))}
      </span>
    </div>
  );
}

export function chunksOf({ shots }: Cut): number {
  return shots.reduce((sum, { chunks }) => sum + chunks, 0);
}

/** Why films of a cut cannot begin with footage, in a sentence; null where they can. */
export function whyNoFootage({ encoder }: Pick<ModelInfo, 'encoder'>, filmChunks: number): string | null {
  if (!encoder) return 'This model has no encoder, so it cannot look at footage: choose another one.';
  if (filmChunks < 2)
    return 'This cut is one chunk long, and footage needs one that is given and one that is made: make it longer.';
  return null;
}

function givenWords(given: number, most: number, filmChunks: number, clipChunks: number): string {
  if (given > most) return `chunks given: more than ${most}, which is all it can be`;
  const bound = clipChunks < filmChunks ? `the clip fills ${clipChunks}` : `the cut has ${filmChunks}`;
  return `of at most ${most} ${most === 1 ? 'chunk is' : 'chunks are'} given; ${bound}`;
}

function helpOf(begins: boolean, chosen: boolean): string {
  if (begins) return 'The story itself begins with it.';
  return chosen
    ? ''
    : 'An MP4 or PNG frames: the films begin with it, and what follows is held against the rest of it.';
}
