import { useEffect, useState } from 'react';
import type { ProjectShot } from '../../shared/project/document.ts';
import { dispatch, useStory, useStudio } from '../state/index.ts';
import css from './told-prompt.module.css';
import { toldParts } from './told-words.ts';

/** Milliseconds of rest before a line about a prompt comes, changes or goes: while it is typed nothing moves. */
const pauseMs = 500;

/** What a shot's prompt is told as. */
interface Telling {
  readonly prompt: string;
  /** Null: as it is. */
  readonly told: string | null;
  readonly asWritten: boolean;
}

/** What the model is told of a shot where that is not what the person wrote, and the choice to have it as written. */
export function ToldPrompt({ shot, id }: { readonly shot: ProjectShot; readonly id: string }) {
  const completes = useCompletes();
  const told = useStory((state) => state.plan?.toldOf(shot.id) ?? null);
  const asWritten = shot.told === 'as-written';
  const now = { prompt: shot.prompt, told, asWritten };
  const shown = useRested(now);
  const said = shown.asWritten || shown.told !== null;
  const tell = (choice: NonNullable<ProjectShot['told']>) =>
    dispatch({ type: 'edit-shot', id: shot.id, patch: { told: choice } });
  if (!completes) return null;
  return (
    <div className={said ? css.told : undefined} data-outdated={shown !== now || undefined}>
      <span id={id} role="status">
        {shown.asWritten && 'The model is told this as written.'}
        {!shown.asWritten && shown.told !== null && <Told prompt={shown.prompt} told={shown.told} />}
      </span>
      {said && (
        <button type="button" className={css.choice} onClick={() => tell(shown.asWritten ? 'automatic' : 'as-written')}>
          {shown.asWritten ? 'Complete it' : 'Tell it as written'}
        </button>
      )}
    </div>
  );
}

function Told({ prompt, told }: { readonly prompt: string; readonly told: string }) {
  return (
    <>
      The model is told:{' '}
      <em>
        {toldParts(prompt, told).map(({ text, added }, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one sentence keep their places
          <span key={i} className={added ? css.added : undefined}>
            {text}
          </span>
        ))}
      </em>
    </>
  );
}

/** Whether prompts of the story are completed, and its model is one whose prompts can be. */
export function useCompletes(): boolean {
  const prompts = useStudio((state) => state.document?.prompts);
  const hasWords = useStudio((state) => Boolean(state.model?.scene));
  return prompts === 'completed' && hasWords;
}

/** What there was of it when its prompt last rested; what is chosen counts at once. */
function useRested(now: Telling): Telling {
  const [rested, setRested] = useState(now);
  const { prompt, told, asWritten } = now;
  useEffect(() => {
    const timer = setTimeout(() => setRested({ prompt, told, asWritten }), prompt === rested.prompt ? 0 : pauseMs);
    return () => clearTimeout(timer);
  }, [prompt, told, asWritten, rested.prompt]);
  return prompt === rested.prompt ? now : rested;
}
