import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, attempt, forProject, notify, shownError } from '../../state/index.ts';
import { ask, queries } from '../../state/queries.ts';
import { closeDialog, openDialog } from '../../state/view.ts';
import { Button, Dialog } from '../../ui/index.ts';
import { counted, sizeWords } from '../words.ts';
import css from './dialogs.module.css';

/** What lies on the disk besides the story: the model's memory cache, and results that nothing shows any more. */
export function StorageDialog() {
  const [{ project }] = useState(forProject);
  const [asking, setAsking] = useState(false);
  const { data: cache = null, error: noCache } = useQuery({
    ...ask.storage.cache.queryOptions({ input: { project } }),
    staleTime: 0,
  });
  const { data: unused = null, error: notCounted } = useQuery({
    ...ask.storage.unused.queryOptions({ input: { project } }),
    staleTime: 0,
  });
  const look = () => queries.invalidateQueries({ queryKey: ask.storage.key() });
  const clear = async () => {
    await attempt(api.storage.clearCache({ project }));
    await look();
  };
  const cleanUp = async () => {
    setAsking(false);
    if (!unused) return;
    const freed = await attempt(api.storage.cleanUp({ project, revision: unused.revision }));
    if (freed)
      notify({
        level: 'info',
        message: `${unusedWords(freed)} deleted, ${sizeWords(freed.bytes)} freed.`,
      });
    await look();
  };
  const nothingUnused = unused !== null && unused.chunks === 0 && unused.assets === 0;
  return (
    <Dialog title="Storage and cache" onClose={closeDialog} width={520}>
      <div className={css.rows}>
        <section className={css.group}>
          <h3>Memory cache</h3>
          {cache ? (
            <>
              <div
                className={css.bar}
                data-tone="memory"
                role="progressbar"
                aria-label="Use of the cache's budget"
                aria-valuenow={cache.bytes}
                aria-valuemin={0}
                aria-valuemax={cache.budgetBytes}
              >
                <i style={{ width: `${Math.min(100, (100 * cache.bytes) / cache.budgetBytes)}%` }} />
              </div>
              <p className={css.note}>
                {sizeWords(cache.bytes)} of {sizeWords(cache.budgetBytes)}: the model’s state after{' '}
                {counted(cache.states, 'chunk')}, in {counted(cache.pages, 'page')}. Clearing it loses nothing; going on
                from a chunk then takes longer once.
              </p>
              <p className={css.note}>{cache.file}</p>
            </>
          ) : (
            <p className={css.note}>
              {noCache
                ? shownError(noCache).message
                : 'There is no cache yet: it begins with the first chunk that is made.'}
            </p>
          )}
          <span className={css.inline}>
            <Button onClick={() => void clear()} disabled={!cache || cache.bytes === 0}>
              Clear the cache
            </Button>
            <Button look="plain" onClick={() => openDialog({ kind: 'settings' })}>
              Change its budget
            </Button>
          </span>
        </section>
        <section className={css.group}>
          <h3>Unused results</h3>
          <p className={css.note}>
            {unused === null
              ? notCounted
                ? shownError(notCounted).message
                : 'Looking…'
              : nothingUnused
                ? 'Every result is shown by a shot, now or in a named version.'
                : `${unusedWords(unused)} (${sizeWords(unused.bytes)}) that no shot shows, now or in a named version: takes that were not picked, and what edits left behind. Deleting them cannot be undone; chunks are made again by going back to them.`}
          </p>
          {asking ? (
            <span className={css.inline}>
              <Button look="danger" onClick={() => void cleanUp()}>
                Delete {unused ? unusedWords(unused) : ''}
              </Button>
              <Button onClick={() => setAsking(false)}>Keep them</Button>
            </span>
          ) : (
            <span>
              <Button disabled={!unused || nothingUnused} onClick={() => setAsking(true)}>
                Clean up unused results…
              </Button>
            </span>
          )}
        </section>
      </div>
    </Dialog>
  );
}

/** `12 chunks and 1 file`. */
function unusedWords({ chunks, assets }: { readonly chunks: number; readonly assets: number }): string {
  const parts = [chunks > 0 || assets === 0 ? counted(chunks, 'chunk') : '', assets > 0 ? counted(assets, 'file') : ''];
  return parts.filter(Boolean).join(' and ');
}
