import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fakeMemory } from '../../../tests/fakes/memory-settings.ts';
import {
  adapterModeOf,
  choicesOf,
  holdsSetting,
  memoryChoice,
  memoryKind,
  memoryModes,
  memorySettingsSchema,
} from './index.ts';

describe('memories', () => {
  it('each reads its own settings and no field besides', () => {
    for (const mode of memoryModes) {
      const settings = {
        ...fakeMemory,
        mode,
        ...(memoryKind(mode).needs.weights === null ? { policy: mode, adapter: 'a'.repeat(64) } : {}),
        ...(holdsSetting(mode, 'sinkAlpha') ? { policy: mode, sinkAlpha: 0.999 } : {}),
      };
      expect(memorySettingsSchema.parse(settings)).toEqual(settings);
      expect(memoryKind(mode).schema.safeParse(settings).success).toBe(true);
      expect(memorySettingsSchema.safeParse({ ...settings, depth: 1 }).success).toBe(false);
    }
    expect(memorySettingsSchema.safeParse({ ...fakeMemory, mode: 'other' }).success).toBe(false);
  });

  it('each explains every setting and choice in a sentence, and says which choices heed a setting', () => {
    for (const mode of memoryModes) {
      const { choices, settings } = memoryKind(mode);
      const ids = choices.map(({ id }) => id);
      for (const { says } of [...choices, ...settings]) expect(says).toMatch(/^[A-Z].*\.$/);
      for (const setting of settings) {
        expect(setting.of.length).toBeGreaterThan(0);
        expect(ids).toEqual(expect.arrayContaining([...setting.of]));
      }
    }
  });

  it('is called by its own name: a recipe of MAG holds the policy "nam" and is no NAM', () => {
    expect(memoryChoice({ ...fakeMemory, policy: 'nam' }).name).toBe('NAM');
    expect(memoryChoice({ ...fakeMemory, mode: 'mag', policy: 'nam' }).name).toBe('MAG');
  });

  it('is asked of a model that was trained with it as recipes hold it, and of another by its own name', () => {
    const adapters = [{ mode: 'mag' as const, digest: 'a'.repeat(64) }];
    expect(choicesOf({ memory: { mode: 'mag' } }).map(({ id, policy }) => [id, policy])).toEqual([['mag', 'nam']]);
    const mine = choicesOf({ memory: { mode: 'paper' }, adapters });
    expect(mine.map(({ policy }) => policy)).toEqual(['window', 'sink', 'nam', 'nam+sma', 'mag']);
    expect(adapterModeOf('nam', { memory: { mode: 'paper' } })).toBeNull();
    expect(adapterModeOf('mag', { memory: { mode: 'paper' } })).toBe('mag');
    expect(adapterModeOf('mag', { memory: { mode: 'mag' } })).toBeNull();
  });

  it('of a model with a sink that moves is that one alone, and reads no settings without its alpha', () => {
    expect(choicesOf({ memory: { mode: 'ema-sink' } }).map(({ id }) => id)).toEqual(['ema-sink']);
    const { success } = memorySettingsSchema.safeParse({ ...fakeMemory, mode: 'ema-sink', policy: 'ema-sink' });
    expect(success).toBe(false);
  });

  it('brings settings into agreement as recipes always held them', () => {
    const asked = { bankFrames: 2, activatedFrames: 5, capacity: 9 };
    expect(memoryKind('paper').settle(asked)).toEqual({ bankFrames: 2, activatedFrames: 2, capacity: 9 });
    expect(memoryKind('released').settle(asked)).toEqual({ bankFrames: 2, activatedFrames: 2, capacity: 2 });
    expect(memoryKind('released').settle({ ...asked, bankFrames: 0 }).capacity).toBe(1);
    expect(memoryKind('framepack').settle(asked)).toEqual({ bankFrames: 0, activatedFrames: 1, capacity: 1 });
    expect(memoryKind('mag').settle(asked)).toEqual({ bankFrames: 2, activatedFrames: 2, capacity: 9 });
    expect(memoryKind('mag').settle({ ...asked, adapter: 'a' })).toMatchObject({ bankFrames: 0, capacity: 9 });
  });
});

it.each(memoryModes.filter((mode) => !['paper', 'released'].includes(mode)))(
  'no code outside its folders, the registries and its view knows %s, but what imports or compares weights',
  (mode) => {
    const allowed = [
      new RegExp(`^shared/memories/(${mode}|index)\\.ts$`),
      new RegExp(`^main/engine/memory/(${mode}/|registry\\.ts$)`),
      /^main\/engine\/(checkpoints|parity)\//,
      /^renderer\/memory\/(panel\/memory-views\.ts$|(long-memory|attended|sink-sources)\/)/,
      /^renderer\/app\/dialogs\/models\//, // weights of MAG are two generators
    ];
    const sources = join(import.meta.dirname, '../..');
    const knowing = readdirSync(sources, { recursive: true, encoding: 'utf8' })
      .map((file) => file.replaceAll('\\', '/'))
      .filter(
        (file) => /\.tsx?$/.test(file) && !file.endsWith('.test.ts') && !allowed.some((place) => place.test(file)),
      )
      .filter((file) => new RegExp(`['"\`]${mode}['"\`]`).test(readFileSync(join(sources, file), 'utf8')));
    expect(knowing).toEqual([]);
  },
);
