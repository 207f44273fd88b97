import { join } from 'node:path';
import { z } from 'zod';
import type { Settings } from '../../../shared/api/types.ts';
import { readJson, writeJson } from '../json-file.ts';

export const defaultSettings: Settings = {
  modelFolder: null,
  device: 'cpu',
  threads: null,
  kvStorage: 'fp16',
  cacheBudgetBytes: 4 * 1024 ** 3,
  theme: 'dark',
  reducedMotion: 'system',
};

/** A field that makes no sense falls back by itself: one bad line must not cost the others. */
const fileSchema = z.object({
  modelFolder: z.string().nullable().catch(defaultSettings.modelFolder),
  device: z.enum(['cpu', 'webgpu']).catch(defaultSettings.device),
  threads: z.int().min(1).max(256).nullable().catch(defaultSettings.threads),
  kvStorage: z.enum(['fp32', 'fp16', 'int8']).catch(defaultSettings.kvStorage),
  cacheBudgetBytes: z.int().min(0).catch(defaultSettings.cacheBudgetBytes),
  theme: z.enum(['dark', 'light', 'system']).catch(defaultSettings.theme),
  reducedMotion: z.enum(['system', 'on']).catch(defaultSettings.reducedMotion),
});

/** Settings of this person on this machine, in a file of the configuration folder. */
export class SettingsStore {
  readonly #file: string;
  #settings: Settings;

  constructor(configFolder: string) {
    this.#file = join(configFolder, 'settings.json');
    this.#settings = fileSchema.catch(defaultSettings).parse(readJson(this.#file));
  }

  get current(): Settings {
    return this.#settings;
  }

  update(patch: { readonly [Name in keyof Settings]?: Settings[Name] | undefined }): Settings {
    const given = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
    const settings = { ...this.#settings, ...given };
    writeJson(this.#file, settings);
    this.#settings = settings;
    return settings;
  }
}
