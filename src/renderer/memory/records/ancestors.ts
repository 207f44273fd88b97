import { useEffect } from 'react';
import { create } from 'zustand';
import type { Ancestor } from '../../../shared/api/types.ts';
import { api, forProject } from '../../state/index.ts';

/** What results were made after; it never changes but for what is cleaned up. Null while it is on its way. */
const useAncestorStore = create<{ readonly byKey: ReadonlyMap<string, readonly Ancestor[] | null> }>(() => ({
  byKey: new Map(),
}));

/** One call after another: a cut may have hundreds of older results. */
let last: Promise<unknown> = Promise.resolve();

function put(key: string, ancestors: readonly Ancestor[] | null): void {
  useAncestorStore.setState(({ byKey }) => ({ byKey: new Map(byKey).set(key, ancestors) }));
}

function request(key: string): void {
  if (useAncestorStore.getState().byKey.has(key)) return;
  put(key, null);
  last = last.then(async () => {
    try {
      put(key, await api.chunks.ancestors({ ...forProject(), key }));
    } catch {
      put(key, []); // deleted meanwhile: then nothing is known of what it was made after
    }
  });
}

/** What older results were made after, by key, as far as it is here yet. */
export function useAncestors(keys: readonly string[]): ReadonlyMap<string, readonly Ancestor[] | null> {
  useEffect(() => {
    for (const key of keys) request(key);
  }, [keys]);
  return useAncestorStore((state) => state.byKey);
}
