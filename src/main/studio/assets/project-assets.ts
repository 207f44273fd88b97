import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import type { Asset, AssetKind } from '../../../shared/assets/asset.ts';
import { ThroughlineError } from '../../../shared/errors.ts';
import type { PictureSpawn } from '../../pictures/index.ts';
import type { OpenProject } from '../project/open-project.ts';
import { importPicture } from './import-picture.ts';
import { type IncomingFile, importSound } from './import-sound.ts';

/** Files that are taken in at the same time, in all. */
const mostAtOnce = 4;
let underWay = 0;

/**
 * Takes a sound or a picture into a project; every window hears of it.
 * @param spawn how the process is started that decodes pictures; forked from this one by default
 * @throws ThroughlineError as {@link importSound} and {@link importPicture}; `bad-input` where too many are on their way
 */
export async function addAsset(
  project: OpenProject,
  kind: AssetKind,
  file: IncomingFile,
  spawn?: PictureSpawn,
): Promise<Asset> {
  if (underWay >= mostAtOnce) {
    throw new ThroughlineError('bad-input', 'Several files are being added already.', 'Wait until they are there.');
  }
  underWay++;
  const release = project.hold();
  try {
    const { store } = project;
    const asset = kind === 'sound' ? await importSound(store, file) : await importPicture(store, file, spawn);
    if (store !== project.store) {
      throw new ThroughlineError('stale', 'The project was saved in another place meanwhile.', 'Add the file again.');
    }
    project.noteAsset(asset);
    return asset;
  } finally {
    underWay--;
    release();
  }
}

/** A file of this machine. Its path has been let in. */
export function fileOnDisk(path: string): IncomingFile {
  return { name: basename(path), bytes: createReadStream(path, { highWaterMark: 2 ** 20 }) };
}
