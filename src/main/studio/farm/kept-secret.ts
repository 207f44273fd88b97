import type { z } from 'zod';

/** Keeps small secrets outside of all files of ours: the desktop has the system's keychain. */
export interface Secrets {
  /** Null where there is none, or it cannot be read any more. */
  read(name: string): string | null;
  /** Null forgets it. @throws where it cannot be kept */
  write(name: string, secret: string | null): void;
}

/** Where a secret is kept. */
export type KeptWhere = 'keychain' | 'session';

/**
 * A secret of one server: in the system's keychain where there is one, else in memory until the program ends. It is never sent
 * to another server.
 */
export class KeptSecret<S extends { readonly server: string }> {
  readonly #secrets: Secrets | null;
  readonly #name: string;
  readonly #schema: z.ZodType<S>;
  #inMemory: S | null = null;

  /** @param name in the keychain */
  constructor(secrets: Secrets | null, name: string, schema: z.ZodType<S>) {
    this.#secrets = secrets;
    this.#name = name;
    this.#schema = schema;
  }

  of(server: string): S | null {
    if (this.#inMemory?.server === server) return this.#inMemory;
    const kept = this.#kept();
    return kept?.server === server ? kept : null;
  }

  /** @param secret null forgets it. @returns where it is kept */
  set(secret: S | null): KeptWhere {
    this.#inMemory = secret;
    if (!this.#secrets) return 'session';
    try {
      this.#secrets.write(this.#name, secret && JSON.stringify(secret));
      return 'keychain';
    } catch {
      return 'session';
    }
  }

  #kept(): S | null {
    const text = this.#secrets?.read(this.#name) ?? null;
    if (text === null) return null;
    try {
      return this.#schema.parse(JSON.parse(text));
    } catch {
      return null;
    }
  }
}
