import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { ChunkPhase } from '../../../shared/render.ts';

/** Between two signs of life of a worker, in milliseconds. */
const beatEveryMs = 1000;
/** So long a worker that went away is remembered, in milliseconds. */
const rememberedMs = 10 * 60_000;
/** Workers that are shown; more are there all the same. */
const mostShown = 2000;
/** Somebody who looks wants pictures for so long after it, in seconds; a picture is kept for so long. */
const watchedSeconds = 10;
/** Models of one worker. */
export const mostModels = 64;
const previewSeconds = 60;
const largestPreview = 200_000;

const phaseSchema = z.discriminatedUnion('phase', [
  z.strictObject({ phase: z.literal('restoring'), done: z.int().min(0), of: z.int().min(0) }),
  z.strictObject({ phase: z.literal('denoising'), step: z.int().min(0), of: z.int().min(0) }),
  ...(['encoding prompt', 'retrieving', 'recaching', 'committing', 'decoding'] as const).map((phase) =>
    z.strictObject({ phase: z.literal(phase) }),
  ),
]) as unknown as z.ZodType<ChunkPhase>;

const factsSchema = z.object({
  version: z.literal(1),
  name: z.string().max(300),
  /** The one it made chunks with last, or has loaded first. */
  model: z.string().max(300),
  deviceClass: z.string().max(200),
  /** Name of the queue of this model, which says all that must be the same. */
  queue: z.string().max(400),
  /** All that it makes chunks with; absent from workers of one model, as older versions are. */
  models: z
    .array(
      z.strictObject({
        name: z.string().max(300),
        queue: z.string().max(400),
        deviceClass: z.string().max(200),
        secondsAChunk: z.number().min(0).nullable(),
      }),
    )
    .max(mostModels)
    .optional(),
  leaseMs: z.number().min(0),
  making: z.strictObject({ chunkKey: z.string().max(64), chunkIndex: z.int().min(0), phase: phaseSchema }).nullable(),
  /** Of which chunk, and after how many steps, there is a picture to be read. */
  preview: z
    .strictObject({ chunkKey: z.string().max(64), step: z.int().min(0) })
    .nullable()
    .optional(),
  made: z.int().min(0),
  secondsAChunk: z.number().min(0).nullable(),
  memoryBytes: z.number().min(0),
  left: z.boolean(),
});

const previewSchema = z.strictObject({
  chunkKey: z.string().max(64),
  step: z.int().min(0),
  image: z.string().regex(/^data:image\/(webp|png|jpeg);base64,[A-Za-z0-9+/]+=*$/),
});

/** A data URL of frames of a chunk that is being made, one below the other. */
export type FarmPreview = z.infer<typeof previewSchema>;

/** What a worker says of itself. */
export type WorkerFacts = z.infer<typeof factsSchema>;

/** A worker as it was last heard of. */
export interface SeenWorker {
  readonly id: string;
  readonly facts: WorkerFacts;
  /** By the server's clock. */
  readonly heardMsAgo: number;
}

/**
 * By the server's own clock: those of the machines may differ. KEYS: facts by id, when each was heard of, and whether somebody
 * looks, which it gives.
 */
const beatScript = `
local time = redis.call('TIME')
redis.call('ZADD', KEYS[2], time[1] * 1000 + math.floor(time[2] / 1000), ARGV[1])
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
return redis.call('EXISTS', KEYS[3])`;

/** Forgets those of long ago. Gives ids, milliseconds since each was heard of, and facts, one after another. */
const readScript = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local gone = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now - ARGV[1], 'LIMIT', 0, 500)
for _, id in ipairs(gone) do
  redis.call('ZREM', KEYS[2], id)
  redis.call('HDEL', KEYS[1], id)
end
local heard = redis.call('ZREVRANGE', KEYS[2], 0, ARGV[2] - 1, 'WITHSCORES')
local all = {}
for i = 1, #heard, 2 do
  all[#all + 1] = heard[i]
  all[#all + 1] = tostring(now - heard[i + 1])
  all[#all + 1] = redis.call('HGET', KEYS[1], heard[i]) or ''
end
return all`;

const keysOf = (prefix: string): [string, string] => [`${prefix}:workers`, `${prefix}:workers-heard`];
const watchedKey = (prefix: string): string => `${prefix}:watched`;
const previewKey = (prefix: string, id: string): string => `${prefix}:preview:${id}`;

/** Says regularly that a worker is there, and what it does. Owner: the worker; call {@link leave}. */
export class Presence {
  readonly #redis: Redis;
  readonly #prefix: string;
  readonly #id: string;
  readonly #timer: NodeJS.Timeout;
  #facts: WorkerFacts;
  #isWatched = false;

  constructor(redis: Redis, prefix: string, id: string, facts: WorkerFacts) {
    this.#redis = redis;
    this.#prefix = prefix;
    this.#id = id;
    this.#facts = facts;
    this.#timer = setInterval(() => void this.#beat(), beatEveryMs);
    void this.#beat();
  }

  get facts(): WorkerFacts {
    return this.#facts;
  }

  /** Whether somebody looks at the workers, and a picture is worth its work. */
  get isWatched(): boolean {
    return this.#isWatched;
  }

  /** Lays down a picture of what is being made. Never throws. */
  async show(preview: FarmPreview): Promise<void> {
    if (this.#redis.status !== 'ready') return;
    const text = JSON.stringify(preview);
    if (text.length > largestPreview) return;
    const { chunkKey, step } = preview;
    await this.#redis.set(previewKey(this.#prefix, this.#id), text, 'EX', previewSeconds).then(
      () => this.note({ preview: { chunkKey, step } }),
      () => {}, // it is only a picture
    );
  }

  /** Told with the next sign of life. */
  note(change: Partial<WorkerFacts>): void {
    this.#facts = { ...this.#facts, ...change };
  }

  /** A last word. Idempotent. */
  async leave(): Promise<void> {
    clearInterval(this.#timer);
    if (this.#facts.left) return;
    this.note({ left: true, making: null });
    await this.#beat();
  }

  async #beat(): Promise<void> {
    // A server that is away is told once it is back.
    if (this.#redis.status !== 'ready') return;
    await this.#redis
      .eval(beatScript, 3, ...keysOf(this.#prefix), watchedKey(this.#prefix), this.#id, JSON.stringify(this.#facts))
      .then(
        (watched) => {
          this.#isWatched = watched === 1;
        },
        () => {},
      );
  }
}

/** The workers of a farm that were heard of in the last minutes, the latest first. What makes no sense is left out. */
export async function readWorkers(redis: Redis, prefix: string): Promise<SeenWorker[]> {
  const answer = (await redis.eval(readScript, 2, ...keysOf(prefix), rememberedMs, mostShown)) as string[];
  const seen: SeenWorker[] = [];
  for (let i = 0; i + 2 < answer.length; i += 3) {
    const facts = parseFacts(answer[i + 2] as string);
    if (facts) seen.push({ id: answer[i] as string, facts, heardMsAgo: Number(answer[i + 1]) });
  }
  return seen;
}

/** Says that somebody looks at the workers: those who can then lay down pictures. */
export async function noteWatched(redis: Redis, prefix: string): Promise<void> {
  await redis.set(watchedKey(prefix), '1', 'EX', watchedSeconds);
}

/** The pictures that some workers laid down last. What makes no sense is left out. */
export async function readPreviews(redis: Redis, prefix: string, ids: readonly string[]): Promise<FarmPreview[]> {
  if (ids.length === 0) return [];
  const keys = ids.map((id) => previewKey(prefix, id));
  const lengths = await Promise.all(keys.map((key) => redis.strlen(key)));
  const fitting = keys.filter((_, i) => (lengths[i] ?? 0) <= largestPreview);
  const texts = fitting.length === 0 ? [] : await redis.mget(fitting);
  return texts.flatMap((text) => {
    try {
      return [previewSchema.parse(JSON.parse(text ?? ''))];
    } catch {
      return [];
    }
  });
}

/** Workers of all kinds that said something in the last minute. */
export async function countWorkers(redis: Redis, prefix: string): Promise<number> {
  const [seconds] = await redis.time();
  return redis.zcount(keysOf(prefix)[1], (Number(seconds) - 60) * 1000, '+inf');
}

function parseFacts(text: string): WorkerFacts | null {
  try {
    return factsSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
