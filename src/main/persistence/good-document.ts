import type Database from 'better-sqlite3';
import type { GoodDocument } from './project-file-types.ts';

/** Fact: the storyboard as it was when the project was last opened and found readable. */
export const goodDocumentFact = 'good-document';
/** Named versions that are looked through for a storyboard to fall back on. */
const fallbackVersions = 20;

/** Storyboards to fall back on where the one that is stored cannot be read. */
export interface Fallbacks {
  readonly good: GoodDocument | null;
  /** Newest first. */
  readonly versions: readonly { readonly name: string; readonly data: string }[];
}

/** Keeps a copy of the storyboard as it is stored, which was found readable. Inside a transaction. */
export function noteGoodDocument(db: Database.Database): void {
  const stored = db.prepare('SELECT number, at, data FROM document').get() as GoodDocument;
  const noted = readGood(db);
  if (noted?.number === stored.number && noted.data === stored.data) return;
  const { number, at, data } = stored;
  db.prepare('INSERT OR REPLACE INTO fact VALUES (?, ?)').run(goodDocumentFact, JSON.stringify({ number, at, data }));
}

export function readFallbacks(db: Database.Database): Fallbacks {
  return {
    good: readGood(db),
    versions: db
      .prepare('SELECT name, data FROM version ORDER BY id DESC LIMIT ?')
      .all(fallbackVersions) as Fallbacks['versions'],
  };
}

function readGood(db: Database.Database): GoodDocument | null {
  const text = db.prepare('SELECT value FROM fact WHERE name = ?').pluck().get(goodDocumentFact);
  try {
    return typeof text === 'string' ? (JSON.parse(text) as GoodDocument) : null;
  } catch {
    return null;
  }
}
