import { Dice5, Lock, LockOpen } from 'lucide-react';
import { useRef } from 'react';
import type { ProjectShot } from '../../shared/project/document.ts';
import { limits } from '../../shared/project/limits.ts';
import type { ModelInfo } from '../../shared/render.ts';
import { latentFrameToSec, timeCode } from '../../shared/timing.ts';
import { randomSeed } from '../actions/shots.ts';
import node from '../graph/shot-node.module.css';
import { statusWords } from '../graph/status-words.ts';
import { dispatch, Typing, useStory, useStudio } from '../state/index.ts';
import { Field, IconButton, NumberField, TextField } from '../ui/index.ts';
import { Banner } from './banner.tsx';
import { BoardFields } from './board-fields.tsx';
import { Cast } from './cast.tsx';
import { Estimate } from './estimate.tsx';
import { filmSpan } from './film-time.ts';
import css from './inspector.module.css';
import { MadeWith } from './made-with.tsx';
import { MemorySettings } from './memory-settings.tsx';
import { FirstFrameField } from './pictures/first-frame-field.tsx';
import { FootageField } from './pictures/footage-field.tsx';
import { Pictures } from './pictures/pictures.tsx';
import { PromptEditor } from './prompt-editor.tsx';
import { TransitionField } from './transition-field.tsx';
import { TrimField } from './trim-field.tsx';

const largestSeed = 2 ** 32 - 1;

/** One shot's recipe: what it shows, how long, from which noise, and how it begins. */
export function ShotTab({ shot }: { readonly shot: ProjectShot }) {
  const status = useStory((state) => state.statuses.get(shot.id));
  const model = useStudio((state) => state.model);
  const first = useStory((state) => state.plan?.firstChunkIndex(shot.id) ?? null);
  const byId = useStory((state) => state.byId);
  const span = model && filmSpan(byId, shot, model.chunkFrames);
  const typing = useRef(new Typing('edit'));
  const edit = (patch: Partial<Omit<ProjectShot, 'id' | 'parent' | 'held'>>, name: string | null = null) =>
    dispatch({ type: 'edit-shot', id: shot.id, patch }, name);
  const seconds = model && first !== null ? startSec(first + shot.chunks, model) - startSec(first, model) : null;
  return (
    <div className={css.form}>
      {status && (
        <div className={css.about} role="status">
          <i className={node.dot} data-state={status.state} />
          <span>{statusWords(status)}</span>
          {model && span && (
            <span>
              {timeCode(span.first / model.video.fps)} to {timeCode(span.end / model.video.fps)}
            </span>
          )}
        </div>
      )}
      {status && <Banner shot={shot} status={status} />}
      {status && <MadeWith status={status} />}
      <PromptEditor shot={shot} />
      <div className={css.pair}>
        <Field label="Length in chunks">
          {(id) => (
            <NumberField
              id={id}
              label="Length in chunks"
              stepper
              value={shot.chunks}
              min={1}
              max={1000}
              unit={seconds === null ? '' : `${Number(seconds.toFixed(1))} s`}
              onChange={(chunks) => edit({ chunks }, typing.current.step('length'))}
            />
          )}
        </Field>
        <Field label="Seed">
          {(id) => (
            <span className={css.inline}>
              <NumberField
                id={id}
                label="Seed"
                value={shot.seed}
                min={0}
                max={largestSeed}
                onChange={(seed) => edit({ seed }, typing.current.step('seed'))}
              />
              <IconButton small label="Another seed" onClick={() => edit({ seed: randomSeed() })}>
                <Dice5 size={15} />
              </IconButton>
              <IconButton
                small
                label={shot.seedLocked ? 'Locked: new takes keep this seed' : 'Not locked: a new take gets a new seed'}
                aria-pressed={shot.seedLocked}
                onClick={() => edit({ seedLocked: !shot.seedLocked })}
              >
                {shot.seedLocked ? <Lock size={15} /> : <LockOpen size={15} />}
              </IconButton>
            </span>
          )}
        </Field>
      </div>
      <TrimField shot={shot} />
      {shot.parent !== null && <TransitionField shot={shot} />}
      <Cast shot={shot} />
      <Pictures shot={shot} />
      {shot.parent === null && <FirstFrameField shot={shot} />}
      {shot.parent === null && shot.footage?.begins && <FootageField shotId={shot.id} footage={shot.footage} />}
      <Estimate shotId={shot.id} />
      <details className={css.more}>
        <summary>Name</summary>
        <div className={css.moreBody}>
          <Field label="Name" help="Shown instead of the prompt. Not part of the recipe.">
            {(id) => (
              <TextField
                id={id}
                value={shot.name}
                maxLength={limits.shotName}
                onFocus={() => typing.current.begin()}
                onChange={(event) => edit({ name: event.target.value }, typing.current.step('name'))}
              />
            )}
          </Field>
        </div>
      </details>
      <BoardFields shot={shot} />
      <MemorySettings shot={shot} />
    </div>
  );
}

/** Where a chunk begins in the film, in seconds. */
function startSec(chunkIndex: number, { chunkFrames, video }: ModelInfo): number {
  return latentFrameToSec(chunkIndex * chunkFrames, video.fps);
}
