import { ImagePlus, X } from 'lucide-react';
import type { ProjectShot } from '../../../shared/project/document.ts';
import { pictureUrl } from '../../memory/line/line.ts';
import { dispatch, useStudio } from '../../state/index.ts';
import { Button, Field, IconButton } from '../../ui/index.ts';
import { addPicture, choosePicture, droppedPicture } from './picture-files.ts';
import css from './pictures.module.css';

/** The picture that a film begins with; of a shot with none before it. */
export function FirstFrameField({ shot }: { readonly shot: ProjectShot }) {
  const blind = useStudio((state) => state.model !== null && !state.model.encoder);
  const choose = shot.firstFrame ? 'Another picture…' : 'Choose a picture…';
  const onDrop = (event: React.DragEvent) => {
    const file = droppedPicture(event);
    if (!file) return;
    event.preventDefault();
    event.stopPropagation();
    void addPicture(file, shot.id, 'first-frame');
  };
  return (
    <Field
      label="First frame"
      help={
        blind
          ? 'This model has no encoder: it cannot look at pictures.'
          : 'The film begins with this picture, cut to its shape.'
      }
    >
      {(id) => (
        // biome-ignore lint/a11y/noStaticElementInteractions: dropping a file here is the same as the button
        <div className={css.first} onDrop={onDrop} onDragOver={(event) => event.preventDefault()}>
          {shot.firstFrame && (
            <img
              className={css.picture}
              src={pictureUrl(shot.firstFrame.asset)}
              alt="The first frame"
              draggable={false}
            />
          )}
          <Button id={id} small aria-label={choose} onClick={() => choosePicture(shot.id, 'first-frame')}>
            <ImagePlus size={14} /> {choose}
          </Button>
          {shot.firstFrame && (
            <IconButton
              small
              label="Begin without a picture"
              onClick={() => dispatch({ type: 'set-first-frame', shotId: shot.id, asset: null })}
            >
              <X size={14} />
            </IconButton>
          )}
        </div>
      )}
    </Field>
  );
}
