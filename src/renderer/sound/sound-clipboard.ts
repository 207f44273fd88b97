import { nanoid } from 'nanoid';
import { soundClipSchema } from '../../shared/sound/sound-clip.ts';
import { leftBehind, whenThere } from '../actions/bring-assets.ts';
import { usePlayer } from '../player/transport.ts';
import { dispatch, leaveSound, notify, selectSound, useSelection, useStory, useStudio } from '../state/index.ts';
import { anchorAt, findSound, freeRow, placeSounds, shotOfSound } from './placed-sounds.ts';
import { playheadSample } from './sound-files.ts';

/** What a copied sound travels as between windows. */
export const soundMimeType = 'application/x-throughline-sound';

/** The selected sound as it is copied; null: none is selected. */
export function copySound(): { readonly json: string; readonly text: string } | null {
  const { document } = useStudio.getState();
  const clip = findSound(document, useSelection.getState().sound);
  if (!clip) return null;
  notify({ level: 'info', message: 'Copied a sound.' });
  return { json: JSON.stringify(clip), text: clip.name };
}

/** Deletes the selected sound, once it was copied. */
export function takeAwaySound(): void {
  const { document } = useStudio.getState();
  const name = useSelection.getState().sound;
  const shotId = shotOfSound(document, name);
  if (shotId === null || !name) return;
  leaveSound();
  dispatch({ type: 'remove-sound', shotId, soundId: name.soundId });
}

/** Puts a copied sound at the playhead. Returns false where this is none. */
export function pasteSound(json: string): boolean {
  let parsed: ReturnType<typeof soundClipSchema.safeParse>;
  try {
    parsed = soundClipSchema.safeParse(JSON.parse(json));
  } catch {
    return false;
  }
  if (!parsed.success) return false;
  const { line } = usePlayer.getState();
  const at = playheadSample();
  const anchor = anchorAt(line, at);
  if (!anchor) return false;
  const { byId } = useStory.getState();
  const sounds = placeSounds(line, (id) => byId.get(id)?.sounds ?? []);
  const { data } = parsed;
  const row = freeRow(sounds, at, at + data.lengthSamples);
  const clip = { ...data, id: nanoid(12), row, offsetSamples: anchor.offsetSamples };
  void whenThere([clip], (missing) => {
    if (missing.size > 0) notify(leftBehind([clip]));
    else if (dispatch({ type: 'put-sound', shotId: anchor.shotId, clip })) selectSound(anchor.shotId, clip.id);
  });
  return true;
}
