import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { InstalledModel } from '../../../../shared/models.ts';
import { api, attempt, notify, useStudio } from '../../../state/index.ts';
import { ask, queries } from '../../../state/queries.ts';
import { Button } from '../../../ui/index.ts';
import { sizeWords } from '../../words.ts';
import dialogs from '../dialogs.module.css';
import css from './models.module.css';

/** The built-in model and those that were imported: what each is, whether its files are in order, and which is in use. */
export function InstalledModels({
  models,
  folder,
}: {
  readonly models: readonly InstalledModel[];
  readonly folder: string;
}) {
  const inUse = useStudio((state) => state.settings?.modelFolder ?? null);
  return (
    <>
      <ul className={css.models} aria-label="Models on this machine">
        <li>
          <div className={css.line}>
            <strong>Built-in</strong>
            {inUse === null ? <InUse /> : <Use id={null} />}
          </div>
          <p className={dialogs.note}>Comes with Throughline. Fast on any machine; knows some hundred words.</p>
        </li>
        {models.map((model) => (
          <li key={model.id}>
            <ModelRow model={model} inUse={model.path === inUse} />
          </li>
        ))}
      </ul>
      <p className={css.place}>Models are in {folder}</p>
    </>
  );
}

function InUse() {
  return <span className={css.badge}>In use</span>;
}

function Use({ id }: { readonly id: string | null }) {
  return (
    <Button small aria-label={`Use ${id ?? 'the built-in model'}`} onClick={() => void attempt(api.models.use({ id }))}>
      Use
    </Button>
  );
}

function ModelRow({ model, inUse }: { readonly model: InstalledModel; readonly inUse: boolean }) {
  const [asking, setAsking] = useState(false);
  const { id, state } = model;
  return (
    <>
      <div className={css.line}>
        <strong>{id}</strong>
        {inUse && <InUse />}
        {state.kind === 'ready' && !inUse && <Use id={id} />}
        {state.kind === 'ready' && (
          <Button small aria-label={`Check ${id}`} onClick={() => void attempt(api.models.check({ id }))}>
            Check
          </Button>
        )}
        <Button
          small
          look="plain"
          disabled={inUse}
          title={inUse ? 'Use another model first.' : undefined}
          aria-label={`Remove ${id}`}
          onClick={() => setAsking(true)}
        >
          Remove…
        </Button>
      </div>
      <Facts model={model} />
      {asking && <RemoveQuestion model={model} onDone={() => setAsking(false)} />}
    </>
  );
}

function Facts({ model: { sizeBytes, state } }: { readonly model: InstalledModel }) {
  if (state.kind === 'unfinished') {
    return (
      <p className={dialogs.note}>
        An import that was stopped ({sizeWords(sizeBytes)} so far). Import it again to go on, or remove it.
      </p>
    );
  }
  if (state.kind === 'unusable') {
    return (
      <div className={dialogs.failure} role="alert">
        It cannot be used. {state.why}
      </div>
    );
  }
  const { family, width, height, types, memoryBytes, inOrder, licence, sources } = state;
  const from = sources.length > 0 ? ` From ${[...new Set(sources)].join(' and ')}.` : '';
  return (
    <>
      <p className={dialogs.note}>
        {width} × {height}, {family}. {sizeWords(sizeBytes)} on the disk, at least {sizeWords(memoryBytes)} of memory on
        the processor.
      </p>
      <p className={dialogs.note}>
        Stored as {types.join(', ')}. Licence: {licence ?? 'not known'}.{from}
      </p>
      {inOrder === false && (
        <div className={dialogs.warning}>Its files changed since they were imported. Check it, or import it again.</div>
      )}
    </>
  );
}

function RemoveQuestion({ model, onDone }: { readonly model: InstalledModel; readonly onDone: () => void }) {
  const { id, sizeBytes } = model;
  const { data: projects } = useQuery({ ...ask.models.usedBy.queryOptions({ input: { id } }), staleTime: 0 });
  const remove = async () => {
    const removed = await attempt(api.models.remove({ id }));
    if (removed) notify({ level: 'info', message: `${id} was removed, ${sizeWords(removed.sizeBytes)} freed.` });
    onDone();
    await queries.invalidateQueries({ queryKey: ask.models.key() });
  };
  return (
    <section className={dialogs.warning} aria-label={`Remove ${id}`}>
      <p>
        Delete {id} ({sizeWords(sizeBytes)}) from the disk?{' '}
        {projects === undefined
          ? ''
          : projects.length === 0
            ? 'No project that was opened lately uses it.'
            : `It was last used in ${projects.join(', ')}: what was made stays, and nothing new can be made with it.`}
      </p>
      <div className={dialogs.inline} style={{ marginTop: 8 }}>
        <Button small look="danger" onClick={() => void remove()}>
          Remove {id}
        </Button>
        <Button small onClick={onDone}>
          Keep it
        </Button>
      </div>
    </section>
  );
}
