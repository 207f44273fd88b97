import { CircleCheck, CircleX } from 'lucide-react';
import { useState } from 'react';
import type { FarmPlace, FarmTrial, Settings } from '../../../shared/api/types.ts';
import { api, attempt, useStudio } from '../../state/index.ts';
import { Button, Field, Segments, Select, TextField } from '../../ui/index.ts';
import farmCss from '../farm/farm.module.css';
import css from './dialogs.module.css';

const likeHere = 'like-here';

/** Who makes chunks: this machine, or the workers of a farm, and where that is. */
export function RenderOn({ settings }: { readonly settings: Settings }) {
  const { renderOn, farm } = settings;
  const [open, setOpen] = useState(renderOn === 'farm');
  const change = (where: Settings['renderOn']) => {
    setOpen(where === 'farm');
    // Without an address there is nothing to change to yet: it follows once there is one.
    if (where === 'here' || farm) void attempt(api.settings.update({ renderOn: where }));
  };
  return (
    <section className={css.group}>
      <h3>Render on</h3>
      <div className={css.choice}>
        <span>Chunks are made by</span>
        <Segments
          label="Render on"
          value={open ? 'farm' : 'here'}
          options={[
            { value: 'here', text: 'This machine' },
            { value: 'farm', text: 'A farm' },
          ]}
          onChange={change}
        />
      </div>
      {open && <FarmFields farm={farm} />}
    </section>
  );
}

function FarmFields({ farm }: { readonly farm: FarmPlace | null }) {
  const desktop = useStudio((state) => state.host?.host === 'desktop');
  const classes = useDeviceClasses(farm);
  const [queue, setQueue] = useState(farm?.queue ?? '');
  const [store, setStore] = useState(farm?.store ?? '');
  const [deviceClass, setDeviceClass] = useState(farm?.deviceClass ?? null);
  const [password, setPassword] = useState('');
  const [kept, setKept] = useState<string | null>(null);
  const [keys, setKeys] = useState({ id: '', secret: '' });
  const [keysKept, setKeysKept] = useState<string | null>(null);
  const [trial, setTrial] = useState<FarmTrial | 'trying' | null>(null);
  const place = { queue: queue.trim(), store: store.trim(), deviceClass };
  const isBucket = /^s3:\/\//i.test(place.store);
  const wholeKeys = isBucket && keys.id !== '' && keys.secret !== '';
  const whole = place.queue !== '' && place.store !== '';

  /** Keeps what is whole; the first time it also changes to the farm. */
  const save = async (next: FarmPlace = place): Promise<boolean> => {
    if (next.queue === '' || next.store === '') return false;
    if (JSON.stringify(next) === JSON.stringify(farm)) return true;
    const settings = await attempt(api.settings.update({ farm: next, renderOn: 'farm' }));
    if (!settings) return false;
    setQueue(settings.farm?.queue ?? '');
    setStore(settings.farm?.store ?? '');
    return true;
  };
  const keepPassword = async () => {
    if (password === '' || !(await save())) return;
    const answer = await attempt(api.farm.setPassword({ password }));
    if (!answer) return;
    setPassword('');
    setKept(keptWords(answer.kept));
  };
  const keepKeys = async () => {
    if (!wholeKeys || !(await save())) return;
    const answer = await attempt(api.farm.setBucketKeys({ keys }));
    if (!answer) return;
    setKeys({ id: '', secret: '' });
    setKeysKept(keptWords(answer.kept));
  };
  const tryIt = async () => {
    setTrial('trying');
    const given = { ...(password === '' ? {} : { password }), ...(wholeKeys ? { keys } : {}) };
    setTrial((await attempt(api.farm.tryIt({ ...place, ...given }))) ?? null);
  };
  const choose = async () => {
    const chosen = await attempt(api.dialogs.chooseFile({ purpose: 'farm-folder' }));
    if (!chosen) return;
    setStore(chosen.file);
    void save({ ...place, store: chosen.file });
  };
  const keysHelp =
    keysKept ?? 'Both, or neither for those of the environment. They are never part of a project or a file of ours.';
  const onEnter = (act: () => unknown) => (event: { readonly key: string }) => event.key === 'Enter' && void act();
  return (
    <>
      <Field label="Queue" help="A server of Redis or Valkey that all machines of the farm reach; rediss:// encrypts.">
        {(id) => (
          <TextField
            id={id}
            value={queue}
            placeholder="rediss://user@host:6379?prefix=team"
            spellCheck={false}
            onChange={(event) => setQueue(event.target.value)}
            onBlur={() => void save()}
            onKeyDown={onEnter(save)}
          />
        )}
      </Field>
      <Field
        label="Password"
        help={kept ?? 'Of the queue, where it has one. It is never part of a project or a file of ours.'}
      >
        {(id) => (
          <TextField
            id={id}
            type="password"
            autoComplete="off"
            value={password}
            placeholder={kept === null ? 'Unchanged' : 'Kept'}
            onChange={(event) => setPassword(event.target.value)}
            onBlur={() => void keepPassword()}
            onKeyDown={onEnter(keepPassword)}
          />
        )}
      </Field>
      <Field
        label="Store"
        help="A folder that all machines see, or a bucket: s3://bucket/prefix?endpoint=https://host."
      >
        {(id) => (
          <span className={css.inline}>
            <TextField
              id={id}
              value={store}
              placeholder="/shared/farm"
              spellCheck={false}
              onChange={(event) => setStore(event.target.value)}
              onBlur={() => void save()}
              onKeyDown={onEnter(save)}
            />
            {desktop && <Button onClick={() => void choose()}>Choose…</Button>}
          </span>
        )}
      </Field>
      {isBucket &&
        (['id', 'secret'] as const).map((part) => (
          <Field
            key={part}
            label={part === 'id' ? 'Access key' : 'Secret key'}
            {...(part === 'secret' ? { help: keysHelp } : {})}
          >
            {(id) => (
              <TextField
                id={id}
                type={part === 'secret' ? 'password' : 'text'}
                autoComplete="off"
                spellCheck={false}
                value={keys[part]}
                placeholder={keysKept === null ? 'Unchanged' : 'Kept'}
                onChange={(event) => setKeys({ ...keys, [part]: event.target.value })}
                onBlur={() => void keepKeys()}
                onKeyDown={onEnter(keepKeys)}
              />
            )}
          </Field>
        ))}
      <Field row label="Workers" help="Devices of another kind give other bits: one kind makes all of a film.">
        {(id) => (
          <Select
            id={id}
            value={deviceClass ?? likeHere}
            options={[
              { value: likeHere, text: 'Like this machine' },
              ...classes.map((value) => ({ value, text: value })),
            ]}
            onChange={(value) => {
              const next = value === likeHere ? null : value;
              setDeviceClass(next);
              void save({ ...place, deviceClass: next });
            }}
          />
        )}
      </Field>
      <div className={css.inline}>
        <Button disabled={!whole || trial === 'trying'} onClick={() => void tryIt()}>
          {trial === 'trying' ? 'Trying…' : 'Try it'}
        </Button>
      </div>
      {trial !== null && trial !== 'trying' && <Findings trial={trial} />}
    </>
  );
}

function keptWords(kept: 'keychain' | 'session'): string {
  return kept === 'keychain' ? 'In the system’s keychain.' : 'Until Throughline ends: there is no keychain.';
}

function Findings({ trial }: { readonly trial: FarmTrial }) {
  return (
    <ul className={farmCss.trial} aria-label="What trying found">
      {trial.findings.map(({ ok, message, hint }) => (
        <li key={message} data-ok={ok}>
          {ok ? <CircleCheck size={14} /> : <CircleX size={14} />}
          <span>
            {message} {hint}
          </span>
        </li>
      ))}
    </ul>
  );
}

/** Kinds of devices that were heard of, and the one that was chosen. */
function useDeviceClasses(farm: FarmPlace | null): string[] {
  const state = useStudio((studio) => studio.farm);
  const heard = state.state === 'open' ? state.workers.map(({ deviceClass }) => deviceClass) : [];
  return [...new Set([...heard, ...(farm?.deviceClass ? [farm.deviceClass] : [])])].sort();
}
