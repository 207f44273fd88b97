import { useEffect, useMemo } from 'react';
import { create } from 'zustand';
import type { ShownError } from '../../../shared/errors.ts';
import type { MemoryRecord } from '../../../shared/memory-record.ts';
import { api, forProject, shownError } from '../../state/index.ts';

/** A chunk's record on its way here. */
export type RecordState =
  | { readonly state: 'loading' }
  | { readonly state: 'ready'; readonly record: MemoryRecord }
  | { readonly state: 'failed'; readonly error: ShownError };

/** Records are immutable: one that was fetched stays good for as long as it is kept. */
const useRecordStore = create<{ readonly byKey: ReadonlyMap<string, RecordState> }>(() => ({ byKey: new Map() }));

/** Records kept; beyond this the ones fetched first go. */
const keptRecords = 3000;
/** Calls on their way at a time, so that a long cut does not hold up everything else. */
const callsAtOnce = 4;

const waiting: string[] = [];
let calls = 0;

function put(key: string, state: RecordState): void {
  useRecordStore.setState(({ byKey }) => {
    const next = new Map(byKey).set(key, state);
    for (const oldest of next.keys()) {
      if (next.size <= keptRecords) break;
      next.delete(oldest);
    }
    return { byKey: next };
  });
}

/** Fetches what is neither here nor on its way. Those asked for last come first: they are what is looked at. */
function request(keys: readonly string[]): void {
  const { byKey } = useRecordStore.getState();
  const wanted = keys.filter((key) => !byKey.has(key));
  if (wanted.length === 0) return;
  useRecordStore.setState({ byKey: new Map([...byKey, ...wanted.map((key) => [key, { state: 'loading' }] as const)]) });
  waiting.unshift(...wanted);
  while (calls < callsAtOnce && waiting.length > 0) void fetchNext();
}

async function fetchNext(): Promise<void> {
  calls++;
  for (let key = waiting.shift(); key !== undefined; key = waiting.shift()) {
    try {
      put(key, { state: 'ready', record: await api.chunks.record({ ...forProject(), key }) });
    } catch (error) {
      const failure = shownError(error);
      // Another project was opened meanwhile: whoever looks at this chunk there asks anew.
      if (failure.code === 'other-project') forget(key);
      else put(key, { state: 'failed', error: failure });
    }
  }
  calls--;
}

/** Forgets a failure, so that the record is fetched again. */
export function retryRecord(key: string): void {
  forget(key);
  request([key]);
}

function forget(key: string): void {
  useRecordStore.setState(({ byKey }) => ({ byKey: new Map([...byKey].filter(([other]) => other !== key)) }));
}

/** The record of one chunk; null where there is no chunk. */
export function useRecord(key: string | null): RecordState | null {
  const state = useRecordStore(({ byKey }) => (key === null ? null : (byKey.get(key) ?? null)));
  useEffect(() => {
    if (key !== null) request([key]);
  }, [key]);
  return key === null ? null : (state ?? { state: 'loading' });
}

/** Records of a line of chunks, null where there is none (yet). Fetched while `wanted`. */
export function useRecords(keys: readonly (string | null)[], wanted: boolean): readonly (MemoryRecord | null)[] {
  const byKey = useRecordStore((state) => state.byKey);
  useEffect(() => {
    if (wanted) request(keys.filter((key) => key !== null));
  }, [keys, wanted]);
  return useMemo(
    () =>
      keys.map((key) => {
        const found = key === null ? undefined : byKey.get(key);
        return found?.state === 'ready' ? found.record : null;
      }),
    [keys, byKey],
  );
}
