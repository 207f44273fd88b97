import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { shownError, useStudio } from '../../../state/index.ts';
import { ask, queries } from '../../../state/queries.ts';
import { closeDialog } from '../../../state/view.ts';
import { Dialog, Segments } from '../../../ui/index.ts';
import css from '../dialogs.module.css';
import { GetModel } from './get-model.tsx';
import { InstalledModels } from './installed-models.tsx';
import { ModelJobs } from './model-jobs.tsx';
import { UseFiles } from './use-files.tsx';

type Part = 'installed' | 'files' | 'get';

/** Models: what is on this machine, using files that are here already, and getting one. */
export function ModelsDialog({
  part: first = null,
  recipe,
}: {
  readonly part?: Part | null | undefined;
  /** The published model that somebody is looking for. */
  readonly recipe?: string | undefined;
}) {
  const { data, error } = useQuery({ ...ask.models.list.queryOptions(), staleTime: 0 });
  const [chosen, setChosen] = useState(first);
  // Who has none yet came to bring one in.
  const part = chosen ?? (data?.models.length === 0 ? 'files' : 'installed');
  const finished = useStudio((state) => state.modelJobs.filter((job) => job.state === 'done').length);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a job that is over changes what there is
  useEffect(() => {
    void queries.invalidateQueries({ queryKey: ask.models.key() });
  }, [finished]);
  return (
    <Dialog
      title="Models"
      description="The built-in model knows a small world of its own. Published Wan 2.1 models of 1.3 billion parameters draw anything."
      onClose={closeDialog}
      width={680}
    >
      <div className={css.rows}>
        <ModelJobs />
        <Segments
          label="Models"
          value={part}
          options={[
            { value: 'installed', text: 'On this machine' },
            { value: 'files', text: 'Use files I have' },
            { value: 'get', text: 'Get a model' },
          ]}
          onChange={setChosen}
        />
        {error && (
          <div className={css.failure} role="alert">
            {shownError(error).message} {shownError(error).hint}
          </div>
        )}
        {data && part === 'installed' && <InstalledModels models={data.models} folder={data.folder} />}
        {data && part === 'get' && <GetModel offers={data.offers} models={data.models} wanted={recipe} />}
        {data && part === 'files' && <UseFiles offers={data.offers} models={data.models} />}
      </div>
    </Dialog>
  );
}
