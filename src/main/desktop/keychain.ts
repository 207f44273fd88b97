import { z } from 'zod';
import { readJson, writeJson } from '../studio/json-file.ts';
import type { StudioHost } from '../studio/studio.ts';
import type { SafeStorageSurface } from './electron-surface.ts';

type Secrets = NonNullable<StudioHost['secrets']>;

const fileSchema = z.record(z.string(), z.string());

/**
 * Secrets, encrypted with a key of the system's keychain, in a file. Null where there is none that can be trusted: on a Linux
 * without a keyring Electron would encrypt with a key that everybody knows.
 */
export function keychain(storage: SafeStorageSurface, file: string): Secrets | null {
  if (!storage.isEncryptionAvailable()) return null;
  const backend = storage.getSelectedStorageBackend?.();
  if (backend === 'basic_text' || backend === 'unknown') return null;
  const all = (): Record<string, string> => fileSchema.catch({}).parse(readJson(file) ?? {});
  return {
    read: (name) => {
      const encrypted = all()[name];
      if (encrypted === undefined) return null;
      try {
        return storage.decryptString(Buffer.from(encrypted, 'base64'));
      } catch {
        return null; // of another user or machine
      }
    },
    write: (name, secret) => {
      const { [name]: before, ...rest } = all();
      if (secret === null && before === undefined) return;
      writeJson(file, secret === null ? rest : { ...rest, [name]: storage.encryptString(secret).toString('base64') });
    },
  };
}
