import { join } from 'node:path';
import { z } from 'zod';
import type { Settings } from '../../../shared/api/types.ts';
import { type JsonObject, newestVersion, readVersioned, type VersionedFormat } from '../../../shared/versioned.ts';
import { readJson, writeJson } from '../json-file.ts';

export const defaultSettings: Settings = {
  modelFolder: null,
  device: 'auto',
  precision: 'fp32',
  threads: null,
  kvStorage: 'fp16',
  cacheBudgetBytes: 4 * 1024 ** 3,
  renderOn: 'here',
  farm: null,
  theme: 'dark',
  reducedMotion: 'system',
};

/** A field that makes no sense falls back by itself: one bad line must not cost the others. */
const settingsSchema: z.ZodType<Settings> = z.object({
  modelFolder: z.string().nullable().catch(defaultSettings.modelFolder),
  device: z.enum(['auto', 'cpu', 'webgpu']).catch(defaultSettings.device),
  precision: z.enum(['fp32', 'fp16']).catch(defaultSettings.precision),
  threads: z.int().min(1).max(256).nullable().catch(defaultSettings.threads),
  kvStorage: z.enum(['fp32', 'fp16', 'int8']).catch(defaultSettings.kvStorage),
  cacheBudgetBytes: z.int().min(0).catch(defaultSettings.cacheBudgetBytes),
  renderOn: z.enum(['here', 'farm']).catch(defaultSettings.renderOn),
  farm: z
    .object({ queue: z.string(), store: z.string(), deviceClass: z.string().nullable() })
    .nullable()
    .catch(defaultSettings.farm),
  theme: z.enum(['dark', 'light', 'system']).catch(defaultSettings.theme),
  reducedMotion: z.enum(['system', 'on']).catch(defaultSettings.reducedMotion),
});

/** Settings as they are stored; see {@link VersionedFormat} for how a version is added. */
const settingsFormat: VersionedFormat<Settings> = { what: 'settings', schema: settingsSchema, steps: [] };

/** Settings of this person on this machine, in a file of the configuration folder. */
export class SettingsStore {
  readonly #file: string;
  /** What a newer Throughline says in the file and this one does not know: it is written back as it was. */
  readonly #unknown: JsonObject;
  #settings: Settings;

  constructor(configFolder: string) {
    this.#file = join(configFolder, 'settings.json');
    const { settings, unknown } = readSettings(readJson(this.#file), this.#file);
    this.#settings = settings;
    this.#unknown = unknown;
  }

  get current(): Settings {
    return this.#settings;
  }

  update(patch: { readonly [Name in keyof Settings]?: Settings[Name] | undefined }): Settings {
    const given = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
    const settings = { ...this.#settings, ...given };
    writeJson(this.#file, { version: newestVersion(settingsFormat), ...this.#unknown, ...settings });
    this.#settings = settings;
    return settings;
  }
}

/** Settings that cannot be read are the default ones: nobody's work is in them. */
function readSettings(stored: unknown, file: string): { readonly settings: Settings; readonly unknown: JsonObject } {
  if (stored === undefined) return { settings: defaultSettings, unknown: {} };
  try {
    const { value, newer } = readVersioned(settingsFormat, stored, file);
    return { settings: value, unknown: newer ? (stored as JsonObject) : {} };
  } catch {
    return { settings: defaultSettings, unknown: {} };
  }
}
