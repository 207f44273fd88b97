import type Database from 'better-sqlite3';
import { ThroughlineError } from '../../shared/errors.ts';

/** What tells one state of one project from others. */
export interface Fingerprint {
  readonly project: string | null;
  /** Of the document. */
  readonly number: number | null;
  readonly chunks: number;
}

export function fingerprintOf(db: Database.Database): Fingerprint {
  const one = (query: string) => db.prepare(query).pluck().get();
  return {
    project: (one("SELECT value FROM fact WHERE name = 'id'") as string | undefined) ?? null,
    number: (one('SELECT number FROM document') as number | undefined) ?? null,
    chunks: one('SELECT count(*) FROM chunk') as number,
  };
}

export function isSameFingerprint(a: Fingerprint, b: Fingerprint): boolean {
  return a.project === b.project && a.number === b.number && a.chunks === b.chunks;
}

const elsewhere =
  'The story is still here: save a copy of it in another place. Or put the file back, and it is saved again.';

export function moved(file: string): ThroughlineError {
  return new ThroughlineError(
    'database',
    `${file} is not there any more: it was moved or deleted while it was open.`,
    elsewhere,
  );
}

export function replaced(file: string, isSameProject: boolean): ThroughlineError {
  const what = isSameProject ? 'another state of this project' : 'another file';
  return new ThroughlineError('database', `At ${file} lies ${what} by now; it was not touched.`, elsewhere);
}
