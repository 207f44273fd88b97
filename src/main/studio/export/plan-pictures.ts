import { pictureLimits } from '../../../shared/assets/asset.ts';
import type { EditPlan } from '../../../shared/edit/edit-plan.ts';
import { ThroughlineError } from '../../../shared/errors.ts';
import { footageLimits, givenChunks } from '../../../shared/footage.ts';
import { maxScriptSize } from '../../../shared/story-import/index.ts';
import { footageStrip } from '../assets/project-pictures.ts';
import type { OpenProject } from '../project/open-project.ts';

/** Pictures and footage together may be so large, in bytes: a story file that holds them must still be read. */
const mostBytes = Math.floor((maxScriptSize * 3) / 4 - 1_000_000);

/** Where the files of a film are. */
export interface FilmFiles {
  /** A picture's PNG; null where it is not there. */
  readonly pictureOf: (asset: string) => Promise<Uint8Array | null>;
  /** What a clip shows in a chunk's place: a PNG with its frames one below the other; null where it is over, or not there. */
  readonly stripOf: (
    clip: string,
    chunk: number,
  ) => Promise<{ readonly png: Uint8Array; readonly frames: number } | null>;
}

/**
 * The plan with the pictures and the footage that it names, for a file that holds them. What is not there stays out of it, and so does
 * footage of which no more than a part has room: of a clip that is there for comparisons the first chunks are taken, of one that the
 * film begins with at least those that the film shows.
 * @throws ThroughlineError `bad-input` where the pictures are more than a story file can hold
 */
export async function withPictureData(plan: EditPlan, { pictureOf, stripOf }: FilmFiles): Promise<EditPlan> {
  const named = [plan.story?.memory, ...plan.shots.map(({ recipe }) => recipe?.memory)]
    .flatMap((memory) => memory?.pictures ?? [])
    .concat(plan.shots.flatMap(({ recipe }) => (recipe?.firstFrame ? { ...recipe.firstFrame, name: '' } : [])));
  const pictures = new Map<string, string>();
  let sizeBytes = 0;
  for (const { asset } of named) {
    if (pictures.has(asset)) continue;
    const png = await pictureOf(asset);
    if (!png) continue;
    sizeBytes += png.length;
    if (sizeBytes > mostBytes)
      throw new ThroughlineError(
        'bad-input',
        `The pictures of this film are more than ${Math.floor(mostBytes / 1e6)} MB, which is more than a story file can hold.`,
        'Export a part of it, or give the project itself away.',
      );
    pictures.set(asset, dataOf(png));
  }
  const footage = await footageData(plan, stripOf, mostBytes - sizeBytes);
  return { ...plan, ...(pictures.size > 0 ? { pictures } : {}), ...(footage ? { footage } : {}) };
}

async function footageData(
  { shots }: EditPlan,
  stripOf: FilmFiles['stripOf'],
  roomBytes: number,
): Promise<EditPlan['footage'] | null> {
  const footage = shots[0]?.recipe?.footage;
  if (!footage) return null;
  const strips: { frames: number; file: string }[] = [];
  let sizeBytes = 0;
  for (let chunk = 0; chunk < footageLimits.chunks; chunk++) {
    const strip = await stripOf(footage.asset, chunk);
    if (!strip || sizeBytes + strip.png.length > roomBytes) break;
    sizeBytes += strip.png.length;
    strips.push({ frames: strip.frames, file: dataOf(strip.png) });
  }
  const chunks = footage.chunks.slice(0, strips.length);
  return chunks.length >= Math.max(1, givenChunks(footage).length) ? { chunks, strips } : null;
}

function dataOf(png: Uint8Array): string {
  return `data:image/png;base64,${Buffer.from(png).toString('base64')}`;
}

/** The files of a project. */
export function filesOf(project: Pick<OpenProject, 'store' | 'assets'>): FilmFiles {
  return {
    pictureOf: (asset) => project.store.readAsset(asset, 'original', 0, pictureLimits.sizeBytes),
    stripOf: (clip, chunk) => footageStrip(project, clip, chunk),
  };
}
