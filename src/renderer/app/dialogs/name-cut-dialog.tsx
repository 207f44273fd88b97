import { type FormEvent, useState } from 'react';
import type { ShotId } from '../../../shared/project/document.ts';
import { limits } from '../../../shared/project/limits.ts';
import { dispatch, useStory } from '../../state/index.ts';
import { closeDialog } from '../../state/view.ts';
import { Button, Dialog, Field, TextField } from '../../ui/index.ts';

export function NameCutDialog({ leaf }: { readonly leaf: ShotId }) {
  const cut = useStory((state) => state.cuts.find((candidate) => candidate.leaf === leaf));
  const [name, setName] = useState(cut?.name ?? '');
  const save = (event: FormEvent) => {
    event.preventDefault();
    dispatch({ type: 'name-cut', leaf, name });
    closeDialog();
  };
  return (
    <Dialog title="Name this cut" onClose={closeDialog}>
      <form onSubmit={save} style={{ display: 'flex', flexDirection: 'column', gap: 16 }}>
        <Field label="Name" help="A cut is one way through the story, from its start to one of its ends.">
          {(id) => (
            <TextField
              id={id}
              value={name}
              maxLength={limits.cutName}
              autoFocus
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
        <Button type="submit" look="making" style={{ alignSelf: 'flex-end' }}>
          Name it
        </Button>
      </form>
    </Dialog>
  );
}
