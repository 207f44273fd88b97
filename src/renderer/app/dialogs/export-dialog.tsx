import { useEffect, useState } from 'react';
import type { ExportTarget, ExportWarnings } from '../../../shared/api/types.ts';
import { keptResult } from '../../../shared/labels.ts';
import { shotTitle } from '../../../shared/project/tree.ts';
import { generateShots } from '../../actions/generate.ts';
import { allSent, api, attempt, forProject, revisionOf, useSelection, useStory, useStudio } from '../../state/index.ts';
import { closeDialog } from '../../state/view.ts';
import { Button, Dialog, Field, Select } from '../../ui/index.ts';
import { counted, timeLeft } from '../words.ts';
import css from './dialogs.module.css';

const heights = ['720', '1080', '1440', '2160', 'model'] as const;
type Height = (typeof heights)[number];
type TargetKind = ExportTarget['kind'];

/** Writes a cut, a shot or every cut as a film: what is wrong with it first, then how far it is, then where it lies. */
export function ExportDialog({ target: asked }: { readonly target: ExportTarget }) {
  const model = useStudio((state) => state.model);
  const [{ project }] = useState(forProject);
  const [kind, setKind] = useState<TargetKind>(asked.kind);
  const [height, setHeight] = useState<Height>('720');
  const [warnings, setWarnings] = useState<ExportWarnings | null>(null);
  const [id, setId] = useState<string | null>(null);
  const [starting, setStarting] = useState(false);
  const state = useStudio(({ exports }) => (id === null ? undefined : exports.get(id)));
  const target = useTarget(kind, asked);

  useEffect(() => {
    let current = true;
    void allSent()
      .then(() => attempt(api.exports.warnings({ project, target })))
      .then((found) => current && setWarnings(found ?? null));
    return () => {
      current = false;
    };
  }, [project, target]);

  const start = async () => {
    setStarting(true);
    const desktop = onDesktop();
    const chosen =
      desktop && kind !== 'every-cut' ? await attempt(api.dialogs.chooseFile({ purpose: 'save-film' })) : null;
    if (!desktop || kind === 'every-cut' || chosen) {
      const pixels = height === 'model' ? (model?.video.height ?? 720) : Number(height);
      const begun = await attempt(
        api.exports.start({
          ...revisionOf(project),
          target,
          file: chosen?.file ?? null,
          format: 'mp4',
          fps: null,
          options: { height: pixels },
        }),
      );
      if (begun) setId(begun.id);
    }
    setStarting(false);
  };

  const running = state?.state === 'running';
  const finished = state !== undefined && !running;
  return (
    <Dialog
      title="Export a film"
      description="H.264, decoded afresh from what the model made, not from the previews."
      width={500}
      onClose={closeDialog}
      footer={
        <>
          {running && id !== null && (
            <Button onClick={() => void attempt(api.exports.cancel({ id }))}>Cancel the export</Button>
          )}
          {finished && <Button onClick={() => setId(null)}>Export again</Button>}
          {id === null ? (
            <Button look="making" disabled={starting} onClick={() => void start()}>
              Export
            </Button>
          ) : state?.state === 'done' ? (
            <Button look="making" onClick={() => void reveal(id)}>
              {onDesktop() ? 'Show in folder' : state.files.length === 1 ? 'Download' : 'Download all'}
            </Button>
          ) : (
            <Button onClick={closeDialog}>Go on in the background</Button>
          )}
        </>
      }
    >
      <div className={css.rows}>
        {id === null && (
          <>
            <Field row label="What">
              {(fieldId) => <Select id={fieldId} value={kind} options={targetOptions()} onChange={setKind} />}
            </Field>
            <Field row label="Height">
              {(fieldId) => (
                <Select
                  id={fieldId}
                  value={height}
                  onChange={setHeight}
                  options={heights.map((value) => ({
                    value,
                    text: value === 'model' ? `As the model made it (${model?.video.height ?? '…'})` : `${value} lines`,
                  }))}
                />
              )}
            </Field>
            {warnings && <Warnings warnings={warnings} />}
          </>
        )}
        {state && (
          <>
            {running && (
              <>
                <div
                  className={css.bar}
                  role="progressbar"
                  aria-label="Writing the film"
                  aria-valuenow={Math.round(state.fraction * 100)}
                  aria-valuemin={0}
                  aria-valuemax={100}
                >
                  <i style={{ width: `${state.fraction * 100}%` }} />
                </div>
                <p className={css.note}>
                  {Math.round(state.fraction * 100)} %
                  {state.secondsLeft === null ? '' : `, ${timeLeft(state.secondsLeft)} left`}
                </p>
              </>
            )}
            {state.state === 'done' && <Films id={state.id} files={state.files} />}
            {state.state === 'cancelled' && <p className={css.note}>Cancelled. No file was left behind.</p>}
            {state.error && (
              <div className={css.failure} role="alert">
                {state.error.message} {state.error.hint}
              </div>
            )}
          </>
        )}
      </div>
    </Dialog>
  );
}

function targetOptions(): readonly { value: TargetKind; text: string; disabled?: boolean }[] {
  const { cuts } = useStory.getState();
  const { leaf, shotId } = useSelection.getState();
  const cut = cuts.find((candidate) => candidate.leaf === leaf);
  return [
    { value: 'cut', text: `The cut “${cut?.name ?? ''}”` },
    { value: 'shot', text: 'The selected shot', disabled: shotId === null },
    { value: 'every-cut', text: `Every cut (${cuts.length})`, disabled: cuts.length < 2 },
  ];
}

/** The target of the chosen kind; the same object until it changes. */
function useTarget(kind: TargetKind, asked: ExportTarget): ExportTarget {
  const leaf = useSelection((state) => state.leaf);
  const shotId = useSelection((state) => state.shotId);
  const [target, setTarget] = useState(asked);
  useEffect(() => {
    if (kind === asked.kind) setTarget(asked);
    else if (kind === 'every-cut') setTarget({ kind });
    else if (kind === 'cut' && leaf !== null) setTarget({ kind, leaf });
    else if (kind === 'shot' && shotId !== null) setTarget({ kind, id: shotId });
  }, [kind, asked, leaf, shotId]);
  return target;
}

function Warnings({ warnings }: { readonly warnings: ExportWarnings }) {
  const byId = useStory((state) => state.byId);
  const lines = [
    { ids: warnings.missing, text: 'not made, and will be left out' },
    { ids: warnings.stale, text: 'stale: an older result will be used' },
    { ids: warnings.held, text: `${keptResult}, made before something changed` },
  ].filter(({ ids }) => ids.length > 0);
  if (lines.length === 0) return <p className={css.note}>Every shot is fresh.</p>;
  const repairable = [...warnings.missing, ...warnings.stale];
  return (
    <div className={css.warning} role="status">
      <ul>
        {lines.map(({ ids, text }) => {
          const [first] = ids.map((id) => byId.get(id));
          const what = ids.length === 1 && first ? `“${shotTitle(first)}”` : counted(ids.length, 'shot');
          return (
            <li key={text}>
              {what}: {text}
            </li>
          );
        })}
      </ul>
      {repairable.length > 0 && (
        <Button
          small
          style={{ marginTop: 8 }}
          onClick={() => {
            closeDialog();
            void generateShots(repairable);
          }}
        >
          Generate these first
        </Button>
      )}
    </div>
  );
}

/** Where the films are; in a browser each with a link, since not every browser takes several files at one press. */
function Films({ id, files }: { readonly id: string; readonly files: readonly string[] }) {
  const [urls, setUrls] = useState<readonly string[]>([]);
  const linked = files.length > 1 && !onDesktop();
  useEffect(() => {
    if (linked) void attempt(api.exports.reveal({ id })).then((answer) => setUrls(answer?.urls ?? []));
  }, [id, linked]);
  return (
    <div className={css.done} role="status">
      {files.length === 1 ? `The film is at ${files[0]}` : 'The films are at'}
      {files.length > 1 && (
        <ul>
          {files.map((file, i) => (
            <li key={file}>
              {urls[i] === undefined ? (
                file
              ) : (
                <a href={urls[i]} download>
                  {file}
                </a>
              )}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function onDesktop(): boolean {
  return useStudio.getState().host?.host === 'desktop';
}

async function reveal(id: string): Promise<void> {
  const answer = await attempt(api.exports.reveal({ id }));
  for (const url of answer?.urls ?? []) {
    const link = document.createElement('a');
    link.href = url;
    link.download = '';
    link.click();
  }
}
