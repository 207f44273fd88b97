import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import type { Asset, AssetKind } from '../../../shared/assets/asset.ts';
import { ThroughlineError } from '../../../shared/errors.ts';
import type { ModelInfo } from '../../../shared/render.ts';
import type { PictureSpawn } from '../../pictures/index.ts';
import type { OpenProject } from '../project/open-project.ts';
import { footageShape, importFootage } from './import-footage.ts';
import { importPicture } from './import-picture.ts';
import { type IncomingFile, importSound } from './import-sound.ts';

/** Files that are taken in at the same time, in all. */
const mostAtOnce = 4;
let underWay = 0;

/**
 * Takes a sound, a picture or footage into a project; every window hears of it.
 * @param options.spawn how the process is started that decodes pictures and footage; forked from this one by default
 * @param options.model asked for footage: what the project's keys are computed with
 * @throws ThroughlineError as {@link importSound}, {@link importPicture} and {@link importFootage}; `bad-input` where too many are
 *   on their way
 */
export async function addAsset(
  project: OpenProject,
  kind: AssetKind,
  file: IncomingFile,
  { spawn, model }: { readonly spawn?: PictureSpawn | undefined; readonly model?: () => Promise<ModelInfo> } = {},
): Promise<Asset> {
  if (underWay >= mostAtOnce) {
    throw new ThroughlineError('bad-input', 'Several files are being added already.', 'Wait until they are there.');
  }
  underWay++;
  const release = project.hold();
  const { store } = project;
  const take = async (): Promise<Asset> => {
    switch (kind) {
      case 'sound':
        return importSound(store, file);
      case 'picture':
        return importPicture(store, file, spawn);
      case 'footage':
        if (!model) throw new Error('footage is read for a model');
        return importFootage(store, file, footageShape(project.document, await model()), spawn);
    }
  };
  try {
    const asset = await take();
    if (store !== project.store) {
      throw new ThroughlineError('stale', 'The project was saved in another place meanwhile.', 'Add the file again.');
    }
    project.kept.note(asset);
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
