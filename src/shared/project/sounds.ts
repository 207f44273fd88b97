import { ThroughlineError } from '../errors.ts';
import { isolatedText } from '../isolated-text.ts';
import type { SoundClip } from '../sound/sound-clip.ts';
import type { CommandOf } from './commands.ts';
import type { ProjectDocument, ProjectShot, ShotId } from './document.ts';
import { limits } from './limits.ts';
import { findShot } from './tree.ts';

/** @throws ThroughlineError `bad-input` for a sound whose numbers do not fit each other, or no shot of that id */
export function putSound(document: ProjectDocument, { shotId, clip, from }: CommandOf<'put-sound'>): ProjectDocument {
  requireSound(clip);
  findShot(document, shotId);
  if (from !== undefined && from !== shotId) requireOn(findShot(document, from), clip.id);
  return withShots(document, (shot) => {
    const sounds = shot.sounds ?? [];
    if (shot.id === shotId) {
      const known = sounds.some(({ id }) => id === clip.id);
      return known ? sounds.map((sound) => (sound.id === clip.id ? clip : sound)) : [...sounds, clip];
    }
    return shot.id === from ? sounds.filter(({ id }) => id !== clip.id) : null;
  });
}

/** @throws ThroughlineError `bad-input` if there is no such sound */
export function removeSound(
  document: ProjectDocument,
  { shotId, soundId }: CommandOf<'remove-sound'>,
): ProjectDocument {
  requireOn(findShot(document, shotId), soundId);
  return withShots(document, (shot) =>
    shot.id === shotId ? (shot.sounds ?? []).filter(({ id }) => id !== soundId) : null,
  );
}

/**
 * Shots that follow one that goes take its sounds over, as far from their own beginning as from its: what was heard
 * after it is still heard. Where nothing follows, its sounds go with it.
 * @param shots the shots in their new order, those that go among them
 */
export function withSoundsOfGone(
  { shots: before }: ProjectDocument,
  shots: readonly ProjectShot[],
  gone: ReadonlySet<ShotId>,
): readonly ProjectShot[] {
  const byId = new Map(before.map((shot) => [shot.id, shot]));
  const soundsBefore = ({ parent }: ProjectShot): SoundClip[] => {
    const sounds: SoundClip[] = [];
    for (let id = parent; id !== null && gone.has(id); ) {
      const shot = byId.get(id);
      sounds.unshift(...(shot?.sounds ?? []));
      id = shot?.parent ?? null;
    }
    return sounds;
  };
  return shots.map((shot) => {
    const sounds = soundsBefore(shot);
    if (gone.has(shot.id) || sounds.length === 0) return shot;
    const own = shot.sounds ?? [];
    return { ...shot, sounds: [...withoutTwins(sounds, own), ...own] };
  });
}

/** Branches that came to follow each other again may each have taken over the same sound. */
function withoutTwins(sounds: readonly SoundClip[], own: readonly SoundClip[]): SoundClip[] {
  const taken = new Set(own.map(({ id }) => id));
  return sounds.map((sound) => {
    let id = sound.id;
    for (let i = 2; taken.has(id); i++) id = `${sound.id.slice(0, 36)}-${i}`;
    taken.add(id);
    return id === sound.id ? sound : { ...sound, id };
  });
}

/** @param soundsOf a shot's sounds from now on; null: they stay as they are */
function withShots(
  document: ProjectDocument,
  soundsOf: (shot: ProjectShot) => readonly SoundClip[] | null,
): ProjectDocument {
  return {
    ...document,
    shots: document.shots.map((shot) => {
      const sounds = soundsOf(shot);
      if (sounds === null) return shot;
      if (sounds.length > 0) return { ...shot, sounds: [...sounds] };
      const { sounds: _, ...silent } = shot;
      return silent;
    }),
  };
}

function requireOn(shot: ProjectShot, soundId: string): void {
  if (shot.sounds?.some(({ id }) => id === soundId)) return;
  throw new ThroughlineError('bad-input', 'This sound is not there any more.', 'It was deleted or moved meanwhile.');
}

function requireSound(clip: SoundClip): void {
  const { offsetSamples, inSamples, lengthSamples, fadeInSamples, fadeOutSamples, gainDb, row, name } = clip;
  const refuse = (what: string, hint: string): never => {
    throw new ThroughlineError('bad-input', `"${isolatedText(name)}": ${what}`, hint);
  };
  if (fadeInSamples + fadeOutSamples > lengthSamples)
    refuse('its fades are longer than the sound.', 'Make a fade shorter.');
  if (!(gainDb >= limits.quietestGainDb && gainDb <= limits.loudestGainDb)) {
    refuse(
      `its gain is ${gainDb} dB; it must be from ${limits.quietestGainDb} to ${limits.loudestGainDb} dB.`,
      'Choose another gain.',
    );
  }
  if (row >= limits.soundRows) refuse(`there are ${limits.soundRows} rows for sounds.`, 'Put it in one of them.');
  if (Math.max(offsetSamples, inSamples, lengthSamples) > limits.soundSamples)
    refuse('it is longer, or begins later, than a day.', 'Cut it shorter.');
}
