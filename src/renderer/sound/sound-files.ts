import { nanoid } from 'nanoid';
import type { ProjectId } from '../../shared/api/types.ts';
import type { Asset, AssetKind } from '../../shared/assets/asset.ts';
import { assetLimits } from '../../shared/assets/asset.ts';
import type { ShownError } from '../../shared/errors.ts';
import { sampleOfFrame } from '../../shared/sound/frame-samples.ts';
import type { SoundClip } from '../../shared/sound/sound-clip.ts';
import { usePlayer } from '../player/transport.ts';
import { allSent, dispatch, forProject, notify, selectSound, settle, useSelection, useStory } from '../state/index.ts';
import { anchorAt, freeRow, placeSounds } from './placed-sounds.ts';

/** What a file dialog offers, and what a dropped file is taken for. */
export const soundEndings = ['wav', 'mp3', 'm4a', 'aac', 'flac', 'ogg', 'opus', 'oga', 'aif', 'aiff', 'wma'] as const;

export function isSoundFile({ name, type }: File): boolean {
  return type.startsWith('audio/') || soundEndings.some((ending) => name.toLowerCase().endsWith(`.${ending}`));
}

/** Sends a sound to a project of the studio. @returns null where it was refused, which has been said */
export function sendSound(project: ProjectId, name: string, body: Blob): Promise<Asset | null> {
  return sendFile(project, 'sound', name, body);
}

/** What a message about sending files of a kind is about: it goes once one arrives. */
export function aboutSending(kind: AssetKind): string {
  return `sending ${kind}`;
}

/** Sends a file to a project of the studio. @returns null where it was refused, which has been said */
export async function sendFile(project: ProjectId, kind: AssetKind, name: string, body: Blob): Promise<Asset | null> {
  const about = aboutSending(kind);
  if (body.size > assetLimits.sizeBytes) {
    notify({
      about,
      level: 'error',
      message: `"${name}" is larger than ${assetLimits.sizeBytes / 1024 ** 3} GB.`,
      hint: 'Save it in a smaller format, FLAC or M4A say, or cut it into several files.',
    });
    return null;
  }
  const query = new URLSearchParams({ project, kind, name: name.slice(-assetLimits.name) });
  try {
    const answer = await fetch(`/upload/sound?${query}`, { method: 'POST', body });
    const said = (await answer.json()) as Asset | ShownError;
    if (answer.ok) {
      settle(about);
      return said as Asset;
    }
    notify({ about, level: 'error', message: (said as ShownError).message, hint: (said as ShownError).hint });
  } catch {
    notify({ about, level: 'error', message: `"${name}" did not arrive.`, hint: 'Is it still there? Add it again.' });
  }
  return null;
}

/** Adds a sound file to the active cut of a project, from a sample on. */
export async function addSoundFile(file: File, atSample: number, { project } = forProject()): Promise<void> {
  const going = file.size > 20_000_000;
  if (going) notify({ level: 'info', message: `Adding ${file.name}…` });
  const asset = await sendSound(project, file.name, file);
  if (asset) hangSound(project, asset, atSample);
}

/**
 * Hangs a whole recording on the active cut, from a sample on, and selects it. A film that was opened while the recording was
 * on its way is left as it is, and that is said.
 * @param project that the recording was sent to
 */
export function hangSound(project: ProjectId, { id: asset, name, sound }: Asset, atSample: number): void {
  if (forProject().project !== project) {
    notify({
      level: 'warning',
      message: `"${name}" was not placed under this film: another project was open when it was added.`,
      hint: 'Open that project and add the sound there again.',
    });
    return;
  }
  const { line } = usePlayer.getState();
  const { byId } = useStory.getState();
  const anchor = anchorAt(line, atSample);
  if (!anchor || !sound) return;
  const { lengthSamples } = sound;
  const row = freeRow(
    placeSounds(line, (id) => byId.get(id)?.sounds ?? []),
    atSample,
    atSample + lengthSamples,
  );
  const clip: SoundClip = {
    ...{ id: nanoid(12), asset, name, row, offsetSamples: anchor.offsetSamples, inSamples: 0, lengthSamples },
    ...{ gainDb: 0, fadeInSamples: 0, fadeOutSamples: 0, muted: false },
  };
  if (dispatch({ type: 'put-sound', shotId: anchor.shotId, clip })) selectSound(anchor.shotId, clip.id);
}

/** Where the playhead stands, in samples. */
export function playheadSample(): number {
  return sampleOfFrame(useSelection.getState().playheadFrame, usePlayer.getState().line.fps);
}

/** Asks for sound files and adds them at the playhead. */
export function chooseSoundFiles(): void {
  const open = forProject();
  const input = document.createElement('input');
  input.type = 'file';
  input.multiple = true;
  input.accept = ['audio/*', ...soundEndings.map((ending) => `.${ending}`)].join(',');
  input.addEventListener('change', async () => {
    await allSent();
    for (const file of input.files ?? []) await addSoundFile(file, playheadSample(), open);
  });
  input.click();
}
