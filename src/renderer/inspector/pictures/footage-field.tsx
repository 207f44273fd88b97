import { X } from 'lucide-react';
import type { Footage } from '../../../shared/footage.ts';
import type { ShotId } from '../../../shared/project/document.ts';
import { dispatch } from '../../state/index.ts';
import { Field, IconButton } from '../../ui/index.ts';
import css from './pictures.module.css';

/** The footage that the film begins with, as a comparison brought it in. */
export function FootageField({ shotId, footage }: { readonly shotId: ShotId; readonly footage: Footage }) {
  const { given, name } = footage;
  return (
    <Field
      label="Footage"
      help={`The film begins with ${given === 1 ? 'a chunk' : `${given} chunks`} of it, which the model does not make.`}
    >
      {(id) => (
        <div className={css.first} id={id}>
          <span className={css.clip} title={name}>
            {name}
          </span>
          <IconButton
            small
            label="Begin without footage"
            onClick={() => dispatch({ type: 'set-footage', shotId, footage: null })}
          >
            <X size={14} />
          </IconButton>
        </div>
      )}
    </Field>
  );
}
