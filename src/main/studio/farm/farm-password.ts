import { z } from 'zod';
import { KeptSecret, type KeptWhere, type Secrets } from './kept-secret.ts';

const keptSchema = z.object({ server: z.string(), password: z.string() });

/** The password of a farm's queue: in the system's keychain where there is one, else in memory until the program ends. */
export class FarmPassword {
  readonly #kept: KeptSecret<z.infer<typeof keptSchema>>;

  constructor(secrets: Secrets | null) {
    this.#kept = new KeptSecret(secrets, 'farm-password', keptSchema);
  }

  /** @param queue address without a password */
  of(queue: string): string | null {
    return this.#kept.of(serverOf(queue))?.password ?? null;
  }

  /** @param password empty forgets it. @returns where it is kept */
  set(queue: string, password: string): KeptWhere {
    return this.#kept.set(password === '' ? null : { server: serverOf(queue), password });
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
