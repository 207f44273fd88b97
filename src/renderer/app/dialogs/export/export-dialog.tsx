import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ExportState, ExportTarget } from '../../../../shared/api/types.ts';
import { allSent, api, attempt, forProject, revisionOf, useStudio } from '../../../state/index.ts';
import { ask } from '../../../state/queries.ts';
import { closeDialog } from '../../../state/view.ts';
import { Button, Dialog, Field, Select } from '../../../ui/index.ts';
import { timeLeft } from '../../words.ts';
import css from '../dialogs.module.css';
import { keepChoice, useExportChoices } from './choices.ts';
import { FormatOptions } from './format-options.tsx';
import { useMarkedRange } from './marked-range.ts';
import { suggestedName, type TargetKind, targetOptions, useTarget } from './target.ts';
import { Warnings } from './warnings.tsx';
import { onDesktop, reveal, Written } from './written.tsx';

/** Writes a cut, a shot or every cut: what is wrong with it first, then how far it is, then where it lies. */
export function ExportDialog({ target: asked }: { readonly target: ExportTarget }) {
  const [{ project }] = useState(forProject);
  const [kind, setKind] = useState<TargetKind>(asked.kind);
  const [id, setId] = useState<string | null>(null);
  const [starting, setStarting] = useState(false);
  const state = useStudio(({ exports }) => (id === null ? undefined : exports.get(id)));
  const choices = useExportChoices();
  const marked = useMarkedRange();
  const [onlyMarked, setOnlyMarked] = useState(true);
  const title = useStudio(({ project: open }) => open?.document.title ?? '');
  const target = useTarget(kind, asked);
  const { data: formats = [] } = useQuery({
    ...ask.exports.formats.queryOptions(),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const revision = useStudio(({ project: open }) => open?.revision);
  const chunks = useStudio(({ chunks: made }) => made.size);
  const { data: warnings } = useQuery({
    // Asked again with every change of the story and every chunk; until then the last answer stands.
    queryKey: [...ask.exports.warnings.key({ input: { project, target } }), revision, chunks],
    placeholderData: keepPreviousData,
    queryFn: async () => {
      await allSent();
      return api.exports.warnings({ project, target });
    },
    staleTime: 0,
  });
  const format = formats.find((candidate) => candidate.id === choices.format) ?? formats[0];

  const start = async () => {
    if (!format) return;
    setStarting(true);
    const asks = onDesktop() && kind !== 'every-cut' && format.ending !== '';
    const chosen = asks
      ? await attempt(
          api.dialogs.chooseFile({
            purpose: 'save-export',
            suggestion: `${suggestedName(title, target)}${format.ending}`,
          }),
        )
      : null;
    if (!asks || chosen) {
      const { fps = format.defaultFps, ...options } = choices.options[format.id] ?? {};
      const begun = await attempt(
        api.exports.start({
          ...revisionOf(project),
          target,
          file: chosen?.file ?? null,
          format: format.id,
          fps: fps as 24 | 25 | 30 | null,
          range: kind === 'cut' && onlyMarked && marked ? { first: marked.first, end: marked.end } : null,
          options,
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
      title="Export"
      description={
        format?.needs === 'plan'
          ? 'Written from the story. Nothing is made or decoded for it.'
          : 'Decoded afresh from what the model made, not from the previews.'
      }
      width={520}
      onClose={closeDialog}
      footer={
        <>
          {running && id !== null && (
            <Button onClick={() => void attempt(api.exports.cancel({ id }))}>Cancel the export</Button>
          )}
          {finished && <Button onClick={() => setId(null)}>Export again</Button>}
          {id === null ? (
            <Button look="making" disabled={starting || !format} onClick={() => void start()}>
              Export
            </Button>
          ) : state?.state === 'done' ? (
            <Button look="making" onClick={() => void reveal(id)}>
              {onDesktop() ? 'Show in folder' : isOne(state) ? 'Download' : 'Download all'}
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
            <Field row label="As">
              {(fieldId) => (
                <Select
                  id={fieldId}
                  value={format?.id ?? ''}
                  options={formats.map((candidate) => ({ value: candidate.id, text: candidate.label }))}
                  onChange={(value) => keepChoice({ format: value })}
                />
              )}
            </Field>
            {kind === 'cut' && marked && (
              <label className={css.check}>
                <input type="checkbox" checked={onlyMarked} onChange={(event) => setOnlyMarked(event.target.checked)} />
                Only from in to out: {marked.said}
              </label>
            )}
            {format && <FormatOptions format={format} />}
            {warnings && (format?.needs === 'frames' || warnings.missing.length > 0) && (
              <Warnings warnings={warnings} />
            )}
          </>
        )}
        {state && (
          <>
            {running && (
              <>
                <div
                  className={css.bar}
                  role="progressbar"
                  aria-label="Writing the export"
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
            {state.state === 'done' && <Written {...state} />}
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

/** Whether one file is downloaded: a folder comes as one. */
function isOne({ files, folders }: ExportState): boolean {
  return (folders.length || files.length) === 1;
}
