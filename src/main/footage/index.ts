/** Footage of a person: MP4s and PNG frames as a model sees them. */
import type { FootageFacts } from '../../shared/footage.ts';
import { inReader, type PictureSpawn } from '../pictures/index.ts';
import type { CheckedStrips, FootageFunctions, FootageShape, Strip } from './protocol.ts';

export { filmFrames, opaque } from './film.ts';
export { apart, footageName, spanOf } from './names.ts';
export type { FootageShape } from './protocol.ts';

const entry = new URL(`./footage-process${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);

/** A clip that takes longer than this is made to. */
const mostMs = 600_000;

/**
 * Reads an MP4, or PNG frames as `shared/footage-pack.ts` says, in a process of its own.
 * @param to a file that what a project keeps is written to: a PNG for each chunk, one after the other
 * @throws ThroughlineError `bad-input`: what is wrong with it; CancelledError
 */
export function takeFootage(
  from: string,
  {
    name,
    shape,
    to,
    spawn,
    signal,
  }: {
    readonly name: string;
    readonly shape: FootageShape;
    readonly to: string;
    readonly spawn?: PictureSpawn | undefined;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<FootageFacts> {
  return inReader<FootageFunctions, FootageFacts>({ entry, what: 'footage', name, mostMs, spawn, signal }, (process) =>
    process.take(from, name, shape, to),
  );
}

/**
 * Looks at the pictures of a clip that was kept before, in a process of its own.
 * @throws ThroughlineError `bad-input`: what is wrong with which of them
 */
export function checkStrips(strips: readonly Strip[], name: string, spawn?: PictureSpawn): Promise<CheckedStrips> {
  return inReader<FootageFunctions, CheckedStrips>({ entry, what: 'footage', name, mostMs, spawn }, (process) =>
    process.check(strips, name),
  );
}
