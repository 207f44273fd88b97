import { Monitor, Settings2 } from 'lucide-react';
import type { FarmState, FarmWorkerState } from '../../../shared/api/types.ts';
import { shotTitle } from '../../../shared/project/tree.ts';
import { phaseFraction, phaseWords } from '../../graph/status-words.ts';
import { api, attempt, forProject, thumbUrl, useStory, useStudio } from '../../state/index.ts';
import { openDialog } from '../../state/view.ts';
import { Button, FirstFrame, IconButton } from '../../ui/index.ts';
import { counted } from '../words.ts';
import css from './farm.module.css';
import { workerWords } from './worker-words.ts';

/** Workers that are shown one by one; of more only the number is said. */
const mostShown = 24;

/** The farm that renders, in the queue: who is there and makes what; nothing where this machine renders. */
export function FarmPanel() {
  const farm = useStudio((state) => state.farm);
  if (farm.state === 'off') return null;
  return (
    <section className={css.farm} aria-label="Farm">
      <div className={css.head}>
        <h3>Farm</h3>
        <span className={css.place} title={farm.place}>
          {farm.place}
        </span>
        <GoOnHere primary={farm.state === 'failed'} />
        <IconButton small label="Settings of the farm" onClick={() => openDialog({ kind: 'settings' })}>
          <Settings2 size={14} />
        </IconButton>
      </div>
      <Body farm={farm} />
    </section>
  );
}

/** This machine renders from now on; what failed because the farm was gone is taken up. */
export function GoOnHere({ primary = false }: { readonly primary?: boolean }) {
  return (
    <Button
      small
      look={primary ? 'making' : 'normal'}
      title="This machine makes chunks from now on"
      onClick={() => void attempt(api.farm.goOnHere(forProject()))}
    >
      <Monitor size={14} />
      Go on here
    </Button>
  );
}

function Body({ farm }: { readonly farm: Exclude<FarmState, { readonly state: 'off' }> }) {
  if (farm.state === 'connecting') return <p className={css.quiet}>Connecting…</p>;
  if (farm.state === 'failed')
    return (
      <p className={css.failed} role="alert">
        {farm.error.message} {farm.error.hint}
      </p>
    );
  const suiting = farm.workers.filter(({ suits }) => suits);
  const others = farm.workers.filter(({ suits, state }) => !suits && state !== 'left' && state !== 'lost');
  const present = suiting.filter(({ state }) => state !== 'left' && state !== 'lost');
  return (
    <>
      {present.length === 0 && (
        <p className={css.failed}>
          No worker with this model is there. The work waits until one is started:{' '}
          <code>
            throughline worker --queue {farm.place} --store {farm.store}
          </code>
        </p>
      )}
      <ul className={css.workers}>
        {suiting.slice(0, mostShown).map((worker) => (
          <Worker key={worker.id} worker={worker} othersThere={present.some(({ id }) => id !== worker.id)} />
        ))}
      </ul>
      {suiting.length > mostShown && <p className={css.quiet}>{counted(suiting.length - mostShown, 'more worker')}</p>}
      {others.length > 0 && (
        <p className={css.quiet}>{counted(others.length, 'worker')} with another model or device</p>
      )}
    </>
  );
}

function Worker({ worker, othersThere }: { readonly worker: FarmWorkerState; readonly othersThere: boolean }) {
  const { making, name, models, state, made, secondsAChunk } = worker;
  const words = workerWords(worker, othersThere);
  const key = making?.chunkKey ?? '';
  const place = useStudio(({ queue }) =>
    queue.jobs.flatMap(({ now, besides = [] }) => [now, ...besides]).find((one) => one?.chunkKey === key),
  );
  const shot = useStory(({ byId }) => (place ? byId.get(place.shotId) : undefined));
  const before = useStory(({ plan }) => (place && plan ? keyBefore(plan.chunksOf(place.shotId), key) : null));
  const hasBefore = useStudio(({ chunks }) => before !== null && chunks.has(before));
  const preview = useStudio(({ previews }) => previews.get(key));
  const video = useStudio(({ model }) => model?.video);
  const what =
    shot && place
      ? `chunk ${place.indexInShot + 1} · ${shotTitle(shot)}`
      : `chunk ${(making?.chunkIndex ?? 0) + 1} of another story`;
  return (
    <li className={css.worker} data-state={state}>
      <span className={css.picture}>
        {preview && video ? (
          <FirstFrame src={preview.image} aspect={video.width / video.height} alt="" />
        ) : (
          hasBefore && before !== null && <img src={thumbUrl(before)} alt="" />
        )}
      </span>
      <span className={css.about}>
        <strong title={`${models.join(', ')} on ${worker.deviceClass}`}>{name}</strong>
        {making && <span className={css.what}>{what}</span>}
        {words !== null && <span className={state === 'idle' ? css.what : css.state}>{words}</span>}
        <span className={css.quiet}>
          {making && state === 'working' ? `${phaseWords(making.phase)} · ` : ''}
          {counted(made, 'chunk')} made
          {secondsAChunk === null ? '' : ` · ${secondsAChunk.toFixed(1)} s each`}
        </span>
        {models.length > 1 && <span className={css.quiet}>{models.join(', ')}</span>}
        {making && state === 'working' && (
          <span className={css.bar}>
            <i style={{ width: `${phaseFraction(making.phase) * 100}%` }} />
          </span>
        )}
      </span>
    </li>
  );
}

function keyBefore(chunks: readonly { readonly key: string }[], key: string): string | null {
  const at = chunks.findIndex((chunk) => chunk.key === key);
  return chunks[at - 1]?.key ?? null;
}
