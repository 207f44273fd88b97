import { createHash } from 'node:crypto';
import { setImmediate as breathe } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { type Asset, derivedKinds } from '../../../shared/assets/asset.ts';
import { requireRegularFile } from '../../files/index.ts';
import { refuseStrangers } from '../migrations.ts';
import { damaged } from '../open-database.ts';
import { projectHistory } from '../project-file-schema.ts';
import { readLog } from '../write-ahead-log.ts';
import { assetPieceBytes } from './asset-schema.ts';
import { type AssetPart, AssetStore } from './asset-store.ts';

/**
 * Copies assets, with what was derived from them, out of a project file that nobody has open. That file is only read: one with a
 * log beside it is open elsewhere, or was when its owner was ended, and has none for us. Each comes whole or not at all.
 * @param write does something with the assets of the project that they go to, in one transaction
 * @returns those that the file had
 * @throws ThroughlineError `database` where it is no project, in use, newer or damaged; what `write` throws
 */
export async function takeAssets(
  from: string,
  digests: readonly string[],
  write: <T>(work: (assets: AssetStore) => T) => T,
): Promise<Asset[]> {
  requireRegularFile(from);
  if (readLog(from)) return [];
  const db = new Database(from, { readonly: true, fileMustExist: true, timeout: 0 });
  try {
    refuseStrangers(db, from, projectHistory);
    const source = new AssetStore(db, from);
    const taken: Asset[] = [];
    for (const digest of digests) {
      const asset = source.find(digest);
      if (asset) taken.push(await takeOne(source, asset, from, write));
    }
    return taken;
  } finally {
    db.close();
  }
}

async function takeOne(
  source: AssetStore,
  { id: digest, kind, name, mediaType, sound, footage }: Asset,
  from: string,
  write: <T>(work: (assets: AssetStore) => T) => T,
): Promise<Asset> {
  const number = write((assets) => assets.begin({ kind, name }));
  try {
    const hash = createHash('sha256');
    for await (const piece of piecesOf(source, digest, 'original')) {
      hash.update(piece);
      write((assets) => assets.append(number, piece));
    }
    if (hash.digest('hex') !== digest) throw damaged(from, 'part of a sound or picture was altered');
    for (const derived of derivedKinds) {
      if (source.size(digest, derived) === null) continue;
      const part = write((assets) => assets.beginDerived(number, derived));
      for await (const piece of piecesOf(source, digest, derived)) write((assets) => assets.append(part, piece));
    }
    return write((assets) => assets.finish(number, { digest, mediaType, facts: sound ?? footage ?? null }));
  } catch (error) {
    write((assets) => assets.drop(number));
    throw error;
  }
}

/** The bytes of a part, piece by piece; others have their turn in between. */
async function* piecesOf(source: AssetStore, digest: string, part: AssetPart): AsyncGenerator<Uint8Array> {
  const size = source.size(digest, part) ?? 0;
  for (let at = 0; at < size; at += assetPieceBytes) {
    yield source.read(digest, part, at, at + assetPieceBytes) ?? new Uint8Array();
    await breathe();
  }
}
