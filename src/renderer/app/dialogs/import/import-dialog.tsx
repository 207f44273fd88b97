import { useQuery } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { importScript, insertScript, scriptOfFile, scriptOfText } from '../../../actions/files.ts';
import { shownError, useStory } from '../../../state/index.ts';
import { ask } from '../../../state/queries.ts';
import { closeDialog, openDialog, type Script } from '../../../state/view.ts';
import { Button, Dialog, Field, Segments } from '../../../ui/index.ts';
import { counted } from '../../words.ts';
import css from '../dialogs.module.css';
import { Preview } from './preview.tsx';

/** Says without words what plain text may hold. */
const example = `A red cat waves in the meadow.

[cut, 3 chunks] A white robot stands in the city at night.`;

/** Brings a script in: first from where, then what would become what. */
export function ImportDialog({ script }: { readonly script: Script | null }) {
  return script ? <ScriptPreview key={script.name} script={script} /> : <ScriptSource />;
}

function ScriptSource() {
  const picker = useRef<HTMLInputElement>(null);
  const [text, setText] = useState('');
  const take = (script: Script) => openDialog({ kind: 'import', script });
  return (
    <Dialog
      title="Import a script"
      description="Plain text (a paragraph a shot), Fountain and Final Draft screenplays, MemFlow, LongLive, StoryMem and Infinity-RoPE prompts, Scope timelines."
      width={560}
      onClose={closeDialog}
      footer={
        <>
          <Button onClick={() => picker.current?.click()}>Choose a file…</Button>
          <Button look="making" disabled={text.trim() === ''} onClick={() => take(scriptOfText(text))}>
            Preview
          </Button>
        </>
      }
    >
      <input
        ref={picker}
        type="file"
        hidden
        accept=".json,.jsonl,.txt,.md,.fountain,.spmd,.fdx"
        onChange={async (event) => {
          const [file] = event.target.files ?? [];
          const script = file && (await scriptOfFile(file));
          if (script) take(script);
        }}
      />
      <Field
        label="Script"
        help="Its stories become branches from the start. Nothing is changed before you have seen them."
      >
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

function ScriptPreview({ script }: { readonly script: Script }) {
  const { data, error } = useQuery(ask.document.previewImport.queryOptions({ input: script, gcTime: 0 }));
  const [leftOut, setLeftOut] = useState<ReadonlySet<string>>(new Set());
  const [updating, setUpdating] = useState(true);
  const begun = useStory((state) => (state.document?.shots.length ?? 0) > 0);
  const [place, setPlace] = useState<'start' | 'after'>('start');
  const count = (data?.shotCount ?? 0) - leftOut.size;
  const update = data?.update != null && updating;
  const bringIn = () => {
    closeDialog();
    const options = { leaveOut: [...leftOut], update };
    void (place === 'after' && !update ? insertScript(script, options) : importScript(script, options));
  };
  return (
    <Dialog
      title={`Import ${script.name}`}
      width={680}
      onClose={closeDialog}
      footer={
        <>
          <Button onClick={() => openDialog({ kind: 'import' })}>Another script</Button>
          <Button look="making" disabled={!data || count === 0} onClick={bringIn}>
            {update ? 'Update' : data ? `Import ${counted(count, 'shot')}` : 'Import'}
          </Button>
        </>
      }
    >
      {error ? (
        <div className={css.failure} role="alert">
          {shownError(error).message} {shownError(error).hint}
        </div>
      ) : data ? (
        <div className={css.rows}>
          <Preview
            preview={data}
            leftOut={leftOut}
            onLeaveOut={setLeftOut}
            updating={updating}
            onUpdating={setUpdating}
          />
          {begun && !update && (
            <Field label="Where">
              {() => (
                <Segments
                  label="Where"
                  value={place}
                  options={[
                    { value: 'start', text: 'Branches from the start' },
                    { value: 'after', text: 'After the selected shot' },
                  ]}
                  onChange={setPlace}
                />
              )}
            </Field>
          )}
        </div>
      ) : (
        <p className={css.note} role="status">
          Reading the script…
        </p>
      )}
    </Dialog>
  );
}
