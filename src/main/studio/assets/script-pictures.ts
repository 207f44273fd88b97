import type { PathDoor } from '../../files/index.ts';
import type { PictureSpawn } from '../../pictures/index.ts';
import { type KeptPicture, readStoryPictures } from '../../pictures/story-pictures.ts';
import type { OpenProject } from '../project/open-project.ts';
import { readScriptText, type ScriptText } from '../project/scripts/import-script.ts';
import { keepPicture } from './import-picture.ts';

/** A script whose pictures were looked for, and those that were found: they are in no project yet. */
export interface PicturedScript {
  readonly script: ScriptText;
  readonly pictures: readonly KeptPicture[];
}

export interface ScriptPlace {
  /** Where the script lies, as a window or a person said it; null where nobody did. */
  readonly file: string | null;
  readonly paths: PathDoor;
  readonly spawn?: PictureSpawn | undefined;
  /** That it is brought into; null: a new one. */
  readonly project: Pick<OpenProject, 'assets'> | null;
}

/** Reads what pictures a script names. @throws ThroughlineError `bad-story` naming the line */
export async function withPictures(script: ScriptText, place: ScriptPlace): Promise<PicturedScript> {
  if (!script.text.includes('throughline-story')) return { script, pictures: [] }; // no other format has any
  const there = new Set(place.project?.assets.filter(({ kind }) => kind === 'picture').map(({ id }) => id));
  const files = readScriptText(script, null).pictureFiles ?? [];
  const found = await readStoryPictures(files, {
    storyFile: place.file,
    admit: (file) => place.paths.admit(file, 'read'),
    spawn: place.spawn,
  });
  return {
    script: { ...script, pictures: found, hasPicture: (asset) => there.has(asset) },
    pictures: [...found.values()].flatMap((picture) => ('asset' in picture ? [picture] : [])),
  };
}

/** Makes them part of a project; every window hears of it. @throws ThroughlineError `database`, `disk-full` */
export async function keepPictures(project: OpenProject, pictures: readonly KeptPicture[]): Promise<void> {
  if (pictures.length === 0) return;
  const release = project.hold();
  try {
    for (const { name, png } of pictures) project.kept.note(await keepPicture(project.store, name, png));
  } finally {
    release();
  }
}
