import { Ban, Pin, PinOff, Undo2 } from 'lucide-react';
import { useState } from 'react';
import type { ShotId } from '../../../shared/project/document.ts';
import { limits } from '../../../shared/project/limits.ts';
import { useVocabulary } from '../../state/known-words.ts';
import { Button, Dialog, Field, TextField } from '../../ui/index.ts';
import type { FrameLabel } from '../line/line.ts';
import { FramePicture } from '../parts/frame-picture.tsx';
import { proposedCastName } from './cast-name.ts';
import { banFrame, liftDirection, liftWords } from './direct-frame.ts';
import type { Direction } from './directions.ts';
import css from './frame-actions.module.css';

export interface FrameActionsProps {
  /** The shot from which on memory is directed. */
  readonly shotId: ShotId;
  readonly label: FrameLabel;
  /** What was said of the frame so far. */
  readonly direction: Direction | undefined;
  /** Why it cannot be pinned; null: it can. */
  readonly whyNotPin: string | null;
  /** Whether it can be banned: by some memories nothing is directed. */
  readonly canBan: boolean;
  /** Asks for the name it shall be remembered under. */
  readonly onPin: () => void;
}

/** Always remember a frame, or never use it: from the shot on, part of the recipe, undoable. */
export function FrameActions({ shotId, label, direction, whyNotPin, canBan, onPin }: FrameActionsProps) {
  return (
    <div className={css.actions} data-export="skip">
      {direction ? (
        <Lift shotId={shotId} frame={label.frame} direction={direction} />
      ) : (
        <>
          <Button small look="memory" disabled={whyNotPin !== null} onClick={onPin}>
            <Pin size={13} /> Always remember this
          </Button>
          <Button small disabled={!canBan} onClick={() => banFrame(shotId, label.frame)}>
            <Ban size={13} /> Never use this
          </Button>
        </>
      )}
      {whyNotPin !== null && !direction && <p className={css.why}>{whyNotPin}</p>}
    </div>
  );
}

/** Takes back what was said of a frame, where it was said. */
export function Lift({
  shotId,
  frame,
  direction,
}: {
  readonly shotId: ShotId;
  readonly frame: number;
  readonly direction: Direction;
}) {
  const pinned = direction.name !== null;
  if (direction.shotId === null) return <p className={css.why}>Set for the whole project.</p>;
  return (
    <Button small onClick={() => liftDirection(shotId, frame, direction)}>
      {pinned ? <PinOff size={13} /> : <Undo2 size={13} />}
      {liftWords(shotId, direction)}
    </Button>
  );
}

export interface CastNameDialogProps {
  readonly label: FrameLabel;
  readonly onName: (name: string) => void;
  readonly onClose: () => void;
}

/** Asks who or what is on a frame that shall always be remembered. */
export function CastNameDialog({ label, onName, onClose }: CastNameDialogProps) {
  const proposed = proposedCastName(label.chunk?.prompt ?? '', useVocabulary() ?? []);
  const [written, setName] = useState<string | null>(null);
  const name = written ?? proposed;
  const ready = name.trim() !== '';
  return (
    <Dialog
      title="Always remember this frame"
      description="It joins the cast: from this shot on every chunk recalls it."
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form="pin-name" disabled={!ready}>
            Remember it
          </Button>
        </>
      }
    >
      <form
        id="pin-name"
        className={css.naming}
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) onName(name.trim());
        }}
      >
        <FramePicture label={label} className={css.picture} />
        <Field label="Who or what is it?">
          {(id) => (
            <TextField
              id={id}
              value={name}
              maxLength={limits.pinName}
              autoFocus
              onFocus={(event) => event.target.select()}
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
      </form>
    </Dialog>
  );
}
