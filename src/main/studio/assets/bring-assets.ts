import { ThroughlineError } from '../../../shared/errors.ts';
import { openFileLike } from '../../persistence/index.ts';
import type { OpenProject } from '../project/open-project.ts';

/**
 * Makes assets part of a project that another one has: shots were copied there. They are named by their content, so that it does
 * not matter which project they come from.
 * @param files of projects that were opened lately, newest first, each let in; those that are open now are passed over
 * @returns those that none of them has
 * @throws ThroughlineError where the project itself cannot be written
 */
export async function bringAssets(
  project: OpenProject,
  digests: readonly string[],
  files: AsyncIterable<string>,
): Promise<string[]> {
  const missing = new Set(digests);
  for (const { id } of project.assets) missing.delete(id);
  const release = project.hold();
  try {
    for await (const file of files) {
      if (missing.size === 0) break;
      if (openFileLike(file) !== null) continue;
      for (const asset of await takeFrom(project, file, [...missing])) {
        missing.delete(asset.id);
        project.kept.note(asset);
      }
    }
  } finally {
    release();
  }
  return [...missing];
}

/** A file that cannot be read has nothing; one that cannot be written is an error. */
async function takeFrom({ store }: OpenProject, file: string, digests: readonly string[]) {
  try {
    return await store.takeAssets(file, digests);
  } catch (error) {
    if (error instanceof ThroughlineError && error.code === 'disk-full') throw error;
    return [];
  }
}
