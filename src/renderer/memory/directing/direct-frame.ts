import type { ShotId } from '../../../shared/project/document.ts';
import { dispatch, notify } from '../../state/index.ts';
import type { Direction } from './directions.ts';

/** Always remembers a frame from a shot on, under a name. */
export function pinFrame(shotId: ShotId, frame: number, name: string): void {
  if (dispatch({ type: 'pin-frame', shotId, frame, name }))
    told(`“${name}” will always be remembered from this shot on.`);
}

/** Never uses a frame from a shot on. */
export function banFrame(shotId: ShotId, frame: number): void {
  if (dispatch({ type: 'ban-frame', shotId, frame })) told('It will never be used from this shot on.');
}

/**
 * Takes back what was said of a frame, where it was said. Not what was said for the whole project: the other of the two,
 * said here, is not what is wanted, and there is no third.
 */
export function liftDirection(shotId: ShotId, frame: number, direction: Direction): void {
  const type = direction.name === null ? 'unban-frame' : 'unpin-frame';
  dispatch({ type, shotId: direction.shotId ?? shotId, frame });
}

/** What taking it back is called. */
export function liftWords(shotId: ShotId, { name, shotId: saidIn }: Direction): string {
  const elsewhere = saidIn === shotId ? '' : ' (set in an earlier shot)';
  return `${name === null ? 'Allow it again' : 'Stop always remembering'}${elsewhere}`;
}

function told(message: string): void {
  notify({ level: 'info', message, hint: 'What follows is stale until it is generated again. Undo takes it back.' });
}
