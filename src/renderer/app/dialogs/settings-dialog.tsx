import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Settings } from '../../../shared/api/types.ts';
import type { DeviceReport } from '../../../shared/devices.ts';
import type { DeviceName } from '../../../shared/render.ts';
import { api, attempt, useStudio } from '../../state/index.ts';
import { ask } from '../../state/queries.ts';
import { closeDialog, openDialog } from '../../state/view.ts';
import { Button, Dialog, Field, NumberField, Segments, Select, TextField } from '../../ui/index.ts';
import { sizeWords } from '../words.ts';
import { DeviceTable } from './device-figures.tsx';
import css from './dialogs.module.css';
import { RenderOn } from './render-on.tsx';

const gibibyte = 1024 ** 3;

/** What holds for every project on this machine. Changes count at once. */
export function SettingsDialog() {
  const settings = useStudio((state) => state.settings);
  const engine = useStudio((state) => state.engine);
  // Asked anew each time: drivers may have changed. Each model has figures of its own.
  const known = useQuery({
    ...ask.settings.devices.queryOptions(),
    queryKey: [
      ...ask.settings.devices.queryKey(),
      settings?.modelFolder ?? null,
      settings?.threads ?? null,
      settings?.precision,
    ],
    staleTime: 0,
  });
  const report = known.data ?? null;
  const change = (patch: Partial<Settings>) => void attempt(api.settings.update(patch));
  if (!settings) return null;
  return (
    <Dialog title="Settings" onClose={closeDialog} width={540}>
      <div className={css.rows}>
        <section className={css.group}>
          <h3>Look</h3>
          <div className={css.choice}>
            <span>Theme</span>
            <Segments
              label="Theme"
              value={settings.theme}
              options={[
                { value: 'dark', text: 'Dark' },
                { value: 'light', text: 'Light' },
                { value: 'system', text: 'As the system' },
              ]}
              onChange={(theme) => change({ theme })}
            />
          </div>
          <div className={css.choice}>
            <span>Motion</span>
            <Segments
              label="Motion"
              value={settings.reducedMotion}
              options={[
                { value: 'system', text: 'As the system' },
                { value: 'on', text: 'Reduced' },
              ]}
              onChange={(reducedMotion) => change({ reducedMotion })}
            />
          </div>
        </section>
        <section className={css.group}>
          <h3>Model</h3>
          <ModelFolder folder={settings.modelFolder} onChange={(modelFolder) => change({ modelFolder })} />
          {engine.state === 'failed' && (
            <div className={css.failure} role="alert">
              {engine.error.message} {engine.error.hint}
            </div>
          )}
          <Field
            row
            label="Runs on"
            help="Automatic takes the fastest device whose results agree with the processor’s."
          >
            {(id) => (
              <Select
                id={id}
                value={settings.device}
                options={deviceOptions(report)}
                onChange={(device) => change({ device })}
              />
            )}
          </Field>
          <Field
            row
            label="Precision"
            help="Part of every recipe. Only graphics cards compute in 16 bits, and not all of them do."
          >
            {(id) => (
              <Select
                id={id}
                value={settings.precision}
                options={[
                  { value: 'fp32', text: '32-bit (exact)' },
                  { value: 'fp16', text: '16-bit (faster)' },
                ]}
                onChange={(precision) => change({ precision })}
              />
            )}
          </Field>
          {report && <DeviceTable report={report} onMeasured={() => void known.refetch()} />}
          <div className={css.choice}>
            <span>Threads</span>
            <span className={css.inline}>
              <Segments
                label="Threads"
                value={settings.threads === null ? 'all' : 'some'}
                options={[
                  { value: 'all', text: 'All there are' },
                  { value: 'some', text: 'At most' },
                ]}
                onChange={(mode) =>
                  change({ threads: mode === 'all' ? null : Math.max(1, navigator.hardwareConcurrency - 1) })
                }
              />
              {settings.threads !== null && (
                <NumberField
                  label="Threads"
                  value={settings.threads}
                  min={1}
                  max={256}
                  width={64}
                  onChange={(threads) => change({ threads })}
                />
              )}
            </span>
          </div>
        </section>
        <RenderOn settings={settings} />
        <section className={css.group}>
          <h3>Memory cache</h3>
          <Field row label="Stored as" help="Part of every recipe: with another, everything is made again.">
            {(id) => (
              <Select
                id={id}
                value={settings.kvStorage}
                options={[
                  { value: 'fp32', text: '32-bit (exact)' },
                  { value: 'fp16', text: '16-bit' },
                  { value: 'int8', text: '8-bit (smallest)' },
                ]}
                onChange={(kvStorage) => change({ kvStorage })}
              />
            )}
          </Field>
          <Field row label="Disk budget">
            {(id) => (
              <span className={css.inline}>
                <NumberField
                  id={id}
                  label="Disk budget in gigabytes"
                  value={Math.max(1, Math.round(settings.cacheBudgetBytes / gibibyte))}
                  min={1}
                  max={4096}
                  unit="GB"
                  width={110}
                  onChange={(gigabytes) => change({ cacheBudgetBytes: gigabytes * gibibyte })}
                />
                <Button onClick={() => openDialog({ kind: 'storage' })} title={sizeWords(settings.cacheBudgetBytes)}>
                  Storage…
                </Button>
              </span>
            )}
          </Field>
        </section>
      </div>
    </Dialog>
  );
}

function deviceOptions(report: DeviceReport | null) {
  const taken = report?.devices.find(({ device }) => device === report.chosen);
  const problemOf = (name: DeviceName) => report?.devices.find(({ device }) => device === name)?.problem ?? '';
  return [
    { value: 'auto' as const, text: taken ? `Automatic (${taken.label})` : 'Automatic' },
    { value: 'cpu' as const, text: 'Processor' },
    { value: 'webgpu' as const, text: 'Graphics card (WebGPU)', disabled: problemOf('webgpu') !== '' },
  ];
}

function ModelFolder({
  folder,
  onChange,
}: {
  readonly folder: string | null;
  readonly onChange: (folder: string | null) => void;
}) {
  const desktop = useStudio((state) => state.host?.host === 'desktop');
  const [draft, setDraft] = useState(folder ?? '');
  const save = () => {
    const next = draft.trim() === '' ? null : draft.trim();
    if (next !== folder) onChange(next);
  };
  const choose = async () => {
    const chosen = await attempt(api.dialogs.chooseFile({ purpose: 'model-folder' }));
    if (!chosen) return;
    setDraft(chosen.file);
    onChange(chosen.file);
  };
  return (
    <Field
      label="Model folder"
      help="Empty: the built-in model. A model is a folder with config.json, a tokenizer and weights."
    >
      {(id) => (
        <span className={css.inline}>
          <TextField
            id={id}
            value={draft}
            placeholder="Built-in model"
            spellCheck={false}
            onChange={(event) => setDraft(event.target.value)}
            onBlur={save}
            onKeyDown={(event) => event.key === 'Enter' && save()}
          />
          {desktop && <Button onClick={() => void choose()}>Choose…</Button>}
          <Button onClick={() => openDialog({ kind: 'models' })}>Models…</Button>
        </span>
      )}
    </Field>
  );
}
