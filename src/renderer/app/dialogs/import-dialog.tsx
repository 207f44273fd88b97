import { useRef, useState } from 'react';
import { importText, takeFile } from '../../actions/files.ts';
import { closeDialog } from '../../state/view.ts';
import { Button, Dialog, Field } from '../../ui/index.ts';
import css from './dialogs.module.css';

/** Says without words what plain text may hold. */
const example = `A red cat waves in the meadow.

[cut, 3 chunks] A white robot stands in the city at night.`;

/** Brings a script in, from a file or from the clipboard. */
export function ImportDialog() {
  const picker = useRef<HTMLInputElement>(null);
  const [text, setText] = useState('');
  const take = (work: Promise<void>) => {
    closeDialog();
    void work;
  };
  return (
    <Dialog
      title="Import a script"
      description="Plain text (a paragraph a shot), MemFlow and LongLive prompts (.jsonl), or a Scope timeline (.json)."
      width={560}
      onClose={closeDialog}
      footer={
        <>
          <Button onClick={() => picker.current?.click()}>Choose a file…</Button>
          <Button look="making" disabled={text.trim() === ''} onClick={() => take(importText(text))}>
            Import
          </Button>
        </>
      }
    >
      <input
        ref={picker}
        type="file"
        hidden
        accept=".json,.jsonl,.txt,.md"
        onChange={(event) => {
          const [file] = event.target.files ?? [];
          if (file) take(takeFile(file, 'import'));
        }}
      />
      <Field label="Script" help="Its stories become branches from the start.">
        {(id) => (
          <textarea
            id={id}
            className={css.script}
            rows={8}
            placeholder={example}
            autoFocus
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        )}
      </Field>
    </Dialog>
  );
}
