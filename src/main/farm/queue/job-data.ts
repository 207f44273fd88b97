import { z } from 'zod';
import { ThroughlineError } from '../../../shared/errors.ts';
import { chunkKey } from '../../../shared/keys.ts';
import { limits } from '../../../shared/project/limits.ts';
import type { ChunkRecipe } from '../../../shared/render.ts';
import { digestSchema, modelSchema, recipeSchema } from '../../persistence/index.ts';
import { picturesOfRun, tooManyPictures } from '../run-pictures.ts';
import { longestRun, type MakerIdentity, type Run, runId } from '../runs.ts';

/** Of one job, as JSON: 64 chunks with the longest prompts and every frame banned stay below. */
export const largestJobBytes = 4 * 2 ** 20;
/** What a job is called: whether whoever gave it wants others that follow on it. A hint, as is all but its data. */
export const jobNames = { last: 'run', awaited: 'run, then more' } as const;
const jobVersion = 1;
const mostSteps = 1000;
/** Chunks of a story, which come before the last. */
const deepest = limits.storyChunks;

const jobSchema = z.strictObject({
  version: z.literal(jobVersion),
  parentKey: digestSchema.nullable(),
  model: modelSchema,
  deviceClass: z.string().min(1).max(200),
  chunks: z
    .array(z.strictObject({ key: digestSchema, recipe: recipeSchema.refine(isWithinLimits, 'is beyond the limits') }))
    .min(1)
    .max(longestRun),
});
/** What stands in a job: data, and nothing that is ever run or fetched. */
export type JobData = z.infer<typeof jobSchema>;

function isWithinLimits({ chunkIndex, prompt, sampler, memory, firstFrame }: ChunkRecipe): boolean {
  return (
    (firstFrame === undefined || chunkIndex === 0) &&
    chunkIndex < deepest &&
    prompt.length <= limits.prompt &&
    sampler.steps.length <= mostSteps &&
    memory.pins.length <= limits.pins &&
    memory.bans.length <= limits.bans &&
    memory.bankFrames <= limits.bankFrames &&
    memory.activatedFrames <= limits.activatedFrames &&
    memory.capacity <= limits.capacity
  );
}

/**
 * The queue of everything that the same makers can make: a worker hears of nothing else. Programs that write jobs in
 * another way have queues of their own too.
 */
export function queueNameOf({ model, deviceClass }: MakerIdentity): string {
  const { digest, numericsVersion, video, kvStorage } = model;
  return `runs${jobVersion}-${digest.slice(0, 16)}-${numericsVersion}-${video.width}x${video.height}-${kvStorage}-${deviceClass}`;
}

export function jobOf({ parentKey, chunks }: Run, { model, deviceClass }: MakerIdentity): JobData {
  const { digest, numericsVersion, video, kvStorage } = model;
  return {
    version: jobVersion,
    parentKey,
    model: { digest, numericsVersion, video, kvStorage },
    deviceClass,
    chunks: chunks.map(({ key, recipe }) => ({ key, recipe })),
  };
}

/**
 * What a worker takes from a queue, whoever put it there.
 * @param id the name under which it lies in the queue
 * @throws ThroughlineError `bad-input` saying why this worker does not make it
 */
export function parseJob(id: string | undefined, data: unknown, identity: MakerIdentity): Run {
  const version = data !== null && typeof data === 'object' && 'version' in data ? data.version : undefined;
  if (typeof version === 'number' && version !== jobVersion)
    throw refused(
      `it is of version ${version}, and this worker knows ${jobVersion}`,
      'Bring all of the farm to one version.',
    );
  const parsed = jobSchema.safeParse(data);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw refused(`${z.core.toDotPath(issue?.path ?? []) || 'its content'}: ${issue?.message}`);
  }
  const { parentKey, model, deviceClass, chunks } = parsed.data;
  const own = jobOf({ id: '', parentKey, chunks }, identity);
  const asked = makerWords(model);
  for (const [what, here] of Object.entries(makerWords(own.model)))
    if (asked[what] !== here)
      throw refused(`it is for the ${what} ${asked[what]}, and this worker has ${here}`, 'Start a worker with that.');
  if (deviceClass !== identity.deviceClass)
    throw refused(`it is for ${deviceClass}, and this worker computes on ${identity.deviceClass}`);
  let before = parentKey;
  let place = chunks[0]?.recipe.chunkIndex ?? 0;
  if ((parentKey === null) !== (place === 0)) throw refused('a story begins with chunk 0, and only there');
  for (const { key, recipe } of chunks) {
    if (recipe.chunkIndex !== place++) throw refused('its chunks do not follow each other');
    if (chunkKey({ parentKey: before, model: identity.model, recipe }) !== key)
      throw refused(`the key of chunk ${recipe.chunkIndex} is not that of its recipe`);
    before = key;
  }
  const tooMany = tooManyPictures(picturesOfRun([], chunks, { width: 1, height: 1, chunkFrames: 1 }));
  if (tooMany) throw refused(tooMany);
  const run = { parentKey, chunks };
  const due = runId(run, identity);
  if (id !== due) throw refused('its name is not that of its content');
  return { id: due, ...run };
}

/** What a model must have in common with another to give the same bits, each in words. */
function makerWords({ digest, numericsVersion, video, kvStorage }: JobData['model']): Record<string, string> {
  return {
    model: digest.slice(0, 12),
    'numerics version': `${numericsVersion}`,
    'picture size': `${video.width}x${video.height} at ${video.fps} frames a second`,
    'K/V type': kvStorage,
  };
}

function refused(what: string, hint = 'See who puts work into this queue.'): ThroughlineError {
  return new ThroughlineError('bad-input', `A run was refused: ${what}.`, hint);
}
