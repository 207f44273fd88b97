import type { PathDoor } from '../../files/index.ts';
import { type KeptFootage, readStoryFootage } from '../../footage/story-footage.ts';
import type { PictureSpawn } from '../../pictures/index.ts';
import { type KeptPicture, readStoryPictures } from '../../pictures/story-pictures.ts';
import type { OpenProject } from '../project/open-project.ts';
import { readScriptText, type ScriptText } from '../project/scripts/import-script.ts';
import { keepFootage } from './import-footage.ts';
import { keepPicture } from './import-picture.ts';

/** Files of a script that are in no project yet. */
export interface FoundFiles {
  readonly pictures: readonly KeptPicture[];
  /** Null where its story begins with none. */
  readonly footage: KeptFootage | null;
}

/** A script whose pictures and footage were looked for, and what was found of them. */
export interface PicturedScript {
  readonly script: ScriptText;
  readonly found: FoundFiles;
}

export interface ScriptPlace {
  /** Where the script lies, as a window or a person said it; null where nobody did. */
  readonly file: string | null;
  readonly paths: PathDoor;
  readonly spawn?: PictureSpawn | undefined;
  /** That it is brought into; null: a new one. */
  readonly project: Pick<OpenProject, 'assets'> | null;
}

/** Reads what pictures and footage a script names. @throws ThroughlineError `bad-story` naming the line; also for footage that cannot be had */
export async function withPictures(script: ScriptText, place: ScriptPlace): Promise<PicturedScript> {
  if (!script.text.includes('throughline-story')) return { script, found: { pictures: [], footage: null } }; // no other format has any
  const there = new Set(place.project?.assets.filter(({ kind }) => kind === 'picture').map(({ id }) => id));
  const { pictureFiles = [], footageFile } = readScriptText(script, null);
  const around = {
    storyFile: place.file,
    admit: (file: string) => place.paths.admit(file, 'read'),
    spawn: place.spawn,
  };
  const found = await readStoryPictures(pictureFiles, around);
  const footage = footageFile ? await readStoryFootage(footageFile, { ...around, fileName: script.name }) : null;
  return {
    script: {
      ...{ ...script, pictures: found, hasPicture: (asset) => there.has(asset) },
      ...(footage ? { footage: { asset: footage.asset } } : {}),
    },
    found: {
      pictures: [...found.values()].flatMap((picture) => ('asset' in picture ? [picture] : [])),
      footage,
    },
  };
}

/** Makes them part of a project; every window hears of it. @throws ThroughlineError `database`, `disk-full` */
export async function keepFound(project: OpenProject, { pictures, footage }: FoundFiles): Promise<void> {
  if (pictures.length === 0 && !footage) return;
  const release = project.hold();
  try {
    for (const { name, png } of pictures) project.kept.note(await keepPicture(project.store, name, png));
    if (footage) project.kept.note(await keepFootage(project.store, footage));
  } finally {
    release();
  }
}
