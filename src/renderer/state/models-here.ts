import { useQuery } from '@tanstack/react-query';
import type { ModelsHere } from '../../shared/models.ts';
import { ask } from './queries.ts';
import { useStudio } from './studio.ts';

/**
 * The models on this machine; undefined until that is known. Asked anew when one is loaded or a job at models is over: both
 * change what there is to say.
 */
export function useModelsHere(enabled = true): ModelsHere | undefined {
  const finished = useStudio((state) => state.modelJobs.filter((job) => job.state === 'done').length);
  const loaded = useStudio((state) => state.loaded?.digest);
  const { data } = useQuery({
    ...ask.models.list.queryOptions(),
    queryKey: [...ask.models.list.queryKey(), finished, loaded],
    placeholderData: (before: ModelsHere | undefined) => before,
    enabled,
    staleTime: 0,
  });
  return data;
}
