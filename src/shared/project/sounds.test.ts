import { expect, test } from 'vitest';
import type { SoundClip } from '../sound/sound-clip.ts';
import { applyCommand, emptyDocument } from './apply-command.ts';
import type { Command } from './commands.ts';
import { copyShotsOf } from './copying.ts';
import { describeCommand } from './describe-commands.ts';
import type { ProjectDocument, ProjectShot } from './document.ts';
import { limits } from './limits.ts';

const shot = (id: string, parent: string | null): ProjectShot => ({
  ...{ id, parent, name: '', prompt: id, chunks: 2, seed: 1, seedLocked: false },
  ...{ transition: 'continue', memory: {}, held: null },
});
const clip = (id: string, change: Partial<SoundClip> = {}): SoundClip => ({
  ...{ id, asset: 'a'.repeat(64), name: `${id}.wav`, row: 0, offsetSamples: 100, inSamples: 0, lengthSamples: 4800 },
  ...{ gainDb: 0, fadeInSamples: 0, fadeOutSamples: 0, muted: false, ...change },
});
/** shot-1, then shot-2, which shot-3 and shot-4 follow. */
const story: ProjectDocument = {
  ...emptyDocument('Story'),
  shots: [shot('shot-1', null), shot('shot-2', 'shot-1'), shot('shot-3', 'shot-2'), shot('shot-4', 'shot-2')],
};
const after = (...commands: Command[]): ProjectDocument => commands.reduce(applyCommand, story);
const sounds = ({ shots }: ProjectDocument) =>
  Object.fromEntries(shots.map((one) => [one.id, one.sounds?.map((sound) => `${sound.id}@${sound.offsetSamples}`)]));
const put = (shotId: string, sound: SoundClip, from?: string): Command => ({
  ...{ type: 'put-sound', shotId, clip: sound },
  ...(from ? { from } : {}),
});

test('a sound is hung on a shot, changed, moved to another and deleted', () => {
  const added = after(put('shot-1', clip('sound-a')));
  expect(sounds(added)).toMatchObject({ 'shot-1': ['sound-a@100'] });
  const changed = applyCommand(added, put('shot-1', clip('sound-a', { offsetSamples: 7 })));
  expect(sounds(changed)).toMatchObject({ 'shot-1': ['sound-a@7'] });
  const moved = applyCommand(changed, put('shot-3', clip('sound-a', { offsetSamples: 9 }), 'shot-1'));
  expect(sounds(moved)).toEqual({ 'shot-3': ['sound-a@9'], 'shot-1': undefined, 'shot-2': undefined });
  const gone = applyCommand(moved, { type: 'remove-sound', shotId: 'shot-3', soundId: 'sound-a' });
  expect(gone).toEqual(story);
});

test('undo names what was done', () => {
  const added = after(put('shot-1', clip('sound-a')));
  expect(describeCommand(story, put('shot-1', clip('sound-a')))).toBe('add the sound "sound-a.wav"');
  expect(describeCommand(added, put('shot-2', clip('sound-a'), 'shot-1'))).toBe('change the sound "sound-a.wav"');
  expect(describeCommand(added, { type: 'remove-sound', shotId: 'shot-1', soundId: 'sound-a' })).toBe(
    'delete the sound "sound-a.wav"',
  );
});

test('what follows a deleted shot takes its sounds over, each branch its own', () => {
  const story = after(put('shot-2', clip('sound-a')), put('shot-3', clip('sound-b')));
  const healed = applyCommand(story, { type: 'delete-shots', ids: ['shot-2'], mode: 'heal' });
  expect(sounds(healed)).toEqual({
    'shot-1': undefined,
    'shot-3': ['sound-a@100', 'sound-b@100'],
    'shot-4': ['sound-a@100'],
  });
  const end = applyCommand(story, { type: 'delete-shots', ids: ['shot-3'], mode: 'heal' });
  expect(sounds(end)).toEqual({ 'shot-1': undefined, 'shot-2': ['sound-a@100'], 'shot-4': undefined });
});

test('a moved shot takes its own sounds along, and leaves none behind', () => {
  const story = after(put('shot-2', clip('sound-a')));
  const moved = applyCommand(story, { type: 'move-shot', id: 'shot-2', to: { after: 'shot-3' } });
  expect(sounds(moved)).toEqual({
    'shot-1': undefined,
    'shot-2': ['sound-a@100'],
    'shot-3': undefined,
    'shot-4': undefined,
  });
});

test('a sound that two branches took over stays two sounds when they follow each other again', () => {
  const story = after(put('shot-2', clip('sound-a')));
  const healed = applyCommand(story, { type: 'delete-shots', ids: ['shot-2'], mode: 'heal' });
  const joined = applyCommand(healed, { type: 'reconnect', id: 'shot-4', parent: 'shot-3' });
  const merged = applyCommand(joined, { type: 'delete-shots', ids: ['shot-3'], mode: 'heal' });
  expect(sounds(merged)).toEqual({ 'shot-1': undefined, 'shot-4': ['sound-a-2@100', 'sound-a@100'] });
});

test('a split shot keeps its sounds in its first part; a copy has them too, under ids of their own', () => {
  const story = after(put('shot-1', clip('sound-a')));
  const split = applyCommand(story, { type: 'split-shot', id: 'shot-1', at: 1, restId: 'rest-1' });
  expect(sounds(split)).toMatchObject({ 'shot-1': ['sound-a@100'], 'rest-1': undefined });
  let ids = 0;
  const [copy] = copyShotsOf(story, new Set(['shot-1']), () => `copy-${++ids}`);
  expect(copy?.sounds).toEqual([{ ...clip('sound-a'), id: 'copy-2' }]);
});

test.each([
  [{ fadeInSamples: 2400, fadeOutSamples: 2401 }, /its fades are longer than the sound/],
  [{ gainDb: 25 }, /its gain is 25 dB; it must be from -60 to 24 dB/],
  [{ gainDb: Number.NaN }, /its gain is NaN dB/],
  [{ row: 8 }, /there are 8 rows for sounds/],
  [{ lengthSamples: limits.soundSamples + 1 }, /longer, or begins later, than a day/],
] as const)('a sound that contradicts itself is refused: %j', (change, sentence) => {
  expect(() => after(put('shot-1', clip('sound-a', change)))).toThrow(sentence);
});

test('a sound that is not there is not deleted or moved', () => {
  expect(() => after({ type: 'remove-sound', shotId: 'shot-1', soundId: 'sound-a' })).toThrow(/not there any more/);
  expect(() => after(put('shot-1', clip('sound-a'), 'shot-2'))).toThrow(/not there any more/);
});

test('a shot has only so many sounds', () => {
  const many = Array.from({ length: limits.shotSounds }, (_, i) => put('shot-1', clip(`sound-${i}`)));
  expect(() => after(...many, put('shot-1', clip('one-more')))).toThrow(/A shot may have up to 200 sounds/);
});
