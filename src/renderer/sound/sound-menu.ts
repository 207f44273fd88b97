import { nanoid } from 'nanoid';
import type { ShotId } from '../../shared/project/document.ts';
import type { SoundClip } from '../../shared/sound/sound-clip.ts';
import { usePlayer } from '../player/transport.ts';
import { dispatch, selectSound, useStory } from '../state/index.ts';
import type { MenuEntry } from '../ui/index.ts';
import { deleteSound, moveSound, putSound } from './change-sound.ts';
import { anchorAt, freeRow, type PlacedSound, placeSounds } from './placed-sounds.ts';
import { playheadSample } from './sound-files.ts';

/** What can be done with a sound on the strip; null where it is gone. It is selected, as what is pointed at. */
export function soundMenu(shotId: ShotId, soundId: string): readonly MenuEntry[] | null {
  const placed = soundsNow();
  const sound = placed.find((one) => one.shotId === shotId && one.clip.id === soundId);
  if (!sound) return null;
  selectSound(shotId, soundId);
  const { clip } = sound;
  const change = (changed: Partial<SoundClip>) => () => putSound(sound, { ...clip, ...changed });
  return [
    { text: clip.muted ? 'Let it be heard' : 'Mute', run: change({ muted: !clip.muted }) },
    { text: 'Move it to the playhead', run: () => moveSound(sound, playheadSample()) },
    { text: 'Duplicate behind it', run: () => duplicate(sound, placed) },
    {
      text: 'Take the fades away',
      disabled: clip.fadeInSamples === 0 && clip.fadeOutSamples === 0,
      run: change({ fadeInSamples: 0, fadeOutSamples: 0 }),
    },
    { kind: 'line' },
    { text: 'Delete the sound', keys: 'Delete', danger: true, run: () => deleteSound(sound) },
  ];
}

/** The sounds of the active cut, outside React. */
function soundsNow(): PlacedSound[] {
  const { byId } = useStory.getState();
  return placeSounds(usePlayer.getState().line, (id) => byId.get(id)?.sounds ?? []);
}

/** Once more from where it ends, in its row where that is free. */
function duplicate({ clip, startSample }: PlacedSound, placed: readonly PlacedSound[]): void {
  const at = startSample + clip.lengthSamples;
  const anchor = anchorAt(usePlayer.getState().line, at);
  if (!anchor) return;
  const inRow = placed.filter((other) => other.clip.row === clip.row);
  const end = at + clip.lengthSamples;
  const isFree = inRow.every((other) => other.startSample >= end || other.startSample + other.clip.lengthSamples <= at);
  const row = isFree ? clip.row : freeRow(placed, at, end);
  const copy = { ...clip, id: nanoid(12), row, offsetSamples: anchor.offsetSamples };
  if (dispatch({ type: 'put-sound', shotId: anchor.shotId, clip: copy })) selectSound(anchor.shotId, copy.id);
}
