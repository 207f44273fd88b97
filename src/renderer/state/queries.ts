import { createTanstackQueryUtils } from '@orpc/tanstack-query';
import { QueryClient } from '@tanstack/react-query';
import { api } from './client.ts';

/** Answers of the studio that are asked for rather than told: what dialogs list. The event stream tells everything else. */
export const queries = new QueryClient({
  defaultOptions: {
    // A call that fails says why; asking again by itself would only hold that up.
    queries: { retry: false, refetchOnWindowFocus: false, gcTime: 60_000 },
  },
});

/** The studio's API as options of TanStack Query. */
export const ask = createTanstackQueryUtils(api);
