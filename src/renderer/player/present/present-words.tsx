import { useRef } from 'react';
import { withField } from '../../../shared/shot-fields.ts';
import { timeCode } from '../../../shared/timing.ts';
import { type CutLine, lineFrameCount, lineShots } from '../../memory/line/line.ts';
import { dispatch, Typing, useReadOnly, useSelection, useStory } from '../../state/index.ts';
import { Keys } from '../../ui/index.ts';
import { useLooks } from '../looks.ts';
import css from './present.module.css';
import { endPresenting, usePresentation } from './presentation.ts';

/** Below a presented picture: which shot it is, what is said and done in it, and where notes are written. */
export function PresentWords({ line, awake }: { readonly line: CutLine; readonly awake: boolean }) {
  const frame = useSelection((state) => state.playheadFrame);
  const words = useLooks((state) => state.presentWords);
  const { black, noting } = usePresentation();
  const shots = lineShots(line);
  const now = shots.findLast(({ first }) => first <= frame);
  const shot = useStory((state) => (now ? state.byId.get(now.shotId) : undefined));
  const { number, scene, action, dialogue, camera, notes } = shot?.fields ?? {};
  return (
    <div className={css.below}>
      {words && !black && now && (
        <div className={css.words}>
          <p className={css.place}>
            <b>{number || now.shotIndex + 1}</b>
            {scene && <span>{scene}</span>}
            <span className="numbers">
              {timeCode(frame / line.fps)} / {timeCode(lineFrameCount(line) / line.fps)}
            </span>
            {camera && <span>{camera}</span>}
          </p>
          <p>{action || shot?.prompt}</p>
          {dialogue && <p className={css.dialogue}>{dialogue}</p>}
          {notes && noting === null && <p className={css.notes}>{notes}</p>}
        </div>
      )}
      {noting !== null && <Notes shotId={noting} />}
      {awake && (
        <p className={css.keys} data-keys="">
          <Keys keys="→" /> next shot <Keys keys="←" /> shot before <Keys keys="Space" /> play <Keys keys="N" /> notes{' '}
          <Keys keys="T" /> words
          <button type="button" onClick={endPresenting}>
            End <Keys keys="Esc" />
          </button>
        </p>
      )}
    </div>
  );
}

function focusOnce(field: HTMLTextAreaElement | null): void {
  field?.focus();
}

/** Notes on a shot, kept as they are typed. */
function Notes({ shotId }: { readonly shotId: string }) {
  const shot = useStory((state) => state.byId.get(shotId));
  const readOnly = useReadOnly() !== null;
  const typing = useRef(new Typing('fields'));
  if (!shot) return null;
  return (
    <textarea
      key={shotId}
      ref={focusOnce}
      className={css.noting}
      aria-label="Notes on this shot"
      placeholder="Notes on this shot. Escape closes them; what is typed is kept."
      rows={2}
      maxLength={2000}
      readOnly={readOnly}
      value={shot.fields?.notes ?? ''}
      onChange={({ target: { value } }) =>
        dispatch(
          { type: 'edit-shot', id: shotId, patch: { fields: withField(shot.fields ?? {}, 'notes', value) } },
          typing.current.step(),
        )
      }
    />
  );
}
