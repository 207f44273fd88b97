import { z } from 'zod';

/** Keeps small secrets outside of all files of ours: the desktop has the system's keychain. */
export interface Secrets {
  /** Null where there is none, or it cannot be read any more. */
  read(name: string): string | null;
  /** Null forgets it. @throws where it cannot be kept */
  write(name: string, secret: string | null): void;
}

const secretName = 'farm-password';
const keptSchema = z.object({ server: z.string(), password: z.string() });

/**
 * The password of a farm's queue: in the system's keychain where there is one, else in memory until the program ends. It
 * belongs to one server, and is never sent to another.
 */
export class FarmPassword {
  readonly #secrets: Secrets | null;
  #inMemory: { readonly server: string; readonly password: string } | null = null;

  constructor(secrets: Secrets | null) {
    this.#secrets = secrets;
  }

  /** @param queue address without a password */
  of(queue: string): string | null {
    const server = serverOf(queue);
    if (this.#inMemory?.server === server) return this.#inMemory.password;
    const kept = this.#kept();
    return kept?.server === server ? kept.password : null;
  }

  /** @param password empty forgets it. @returns where it is kept */
  set(queue: string, password: string): 'keychain' | 'session' {
    const one = password === '' ? null : { server: serverOf(queue), password };
    this.#inMemory = one;
    if (!this.#secrets) return 'session';
    try {
      this.#secrets.write(secretName, one && JSON.stringify(one));
      return 'keychain';
    } catch {
      return 'session';
    }
  }

  #kept(): z.infer<typeof keptSchema> | null {
    const text = this.#secrets?.read(secretName) ?? null;
    if (text === null) return null;
    try {
      return keptSchema.parse(JSON.parse(text));
    } catch {
      return null;
    }
  }
}

/** An address of a queue without its password, which may be kept and shown, and that password. */
export function splitPassword(queue: string): { readonly queue: string; readonly password: string | null } {
  const url = URL.canParse(queue) ? new URL(queue) : null;
  if (!url || url.password === '') return { queue, password: null };
  const encoded = url.password;
  url.password = '';
  return { queue: url.href, password: decoded(encoded) };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Scheme, user and machine: what a password is for. */
function serverOf(queue: string): string {
  const url = URL.canParse(queue) ? new URL(queue) : null;
  return url ? `${url.protocol}//${url.username}@${url.host}` : queue;
}
