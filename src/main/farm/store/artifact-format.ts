import { endianness } from 'node:os';
import { deflateSync, inflateSync } from 'node:zlib';
import { z } from 'zod';
import { ThroughlineError } from '../../../shared/errors.ts';
import { chunkKey } from '../../../shared/keys.ts';
import { readRecord } from '../../../shared/record-versions.ts';
import { type ChunkArtifact, chunkArtifactSchema, digestSchema, latentsDigest } from '../../persistence/index.ts';
import type { MakerIdentity } from '../runs.ts';
import type { ReadLimit } from './artifact-store.ts';
import { type SealedKind, seal, unseal } from './sealed-file.ts';

/** A file of this size and more is none of ours: chunks of the largest models take a few megabytes. */
export const largestArtifactBytes = 64 * 2 ** 20;
/** Of what is said of a chunk, unpacked. */
const largestHeaderBytes = 16 * 2 ** 20;

const kind: SealedKind = { magic: 'TLCHUNK', version: 1, noun: 'chunk' };
/** The length of the packed header (little-endian). */
const lengthBytes = 4;

const headerSchema = z.strictObject({
  ...chunkArtifactSchema.omit({ latents: true, record: true }).shape,
  /** Kept as it was stored until its version is known. */
  record: z.unknown(),
  /** Whose bits these are. */
  deviceClass: z.string().max(200),
  latentsDigest: digestSchema,
});

/** What an artifact must be to be taken. */
export interface WantedArtifact extends MakerIdentity {
  readonly key: string;
}

type Refuse = (what: string, cause?: unknown) => ThroughlineError;

/** A chunk as it travels: what is said of it (JSON, deflated) and its latents (fp32, little-endian), sealed. */
export function encodeArtifact({ latents, ...facts }: ChunkArtifact, deviceClass: string): Uint8Array {
  if (endianness() !== 'LE') throw new ThroughlineError('farm', 'Farms need little-endian processors.');
  const header = deflateSync(JSON.stringify({ ...facts, deviceClass, latentsDigest: latentsDigest(latents) }));
  const length = Buffer.alloc(lengthBytes);
  length.writeUInt32LE(header.length);
  return seal(kind, [length, header, Buffer.from(latents.buffer, latents.byteOffset, latents.byteLength)]);
}

/**
 * Reads and checks everything that can be checked without making the chunk anew.
 * @param place where it came from, for errors
 * @throws ThroughlineError `bad-artifact` naming what is wrong
 */
export function decodeArtifact(bytes: Uint8Array, wanted: WantedArtifact, place: string): ChunkArtifact {
  const refuse: Refuse = (what, cause) => refused(place, what, cause);
  if (bytes.length > largestArtifactBytes) throw chunkLimit(place).tooLarge(bytes.length);
  const content = unseal(bytes, kind, lengthBytes, refuse);
  const headerEnd = lengthBytes + content.readUInt32LE();
  if (headerEnd > content.length || (content.length - headerEnd) % 4 !== 0)
    throw refuse('its lengths contradict each other');
  const {
    deviceClass,
    latentsDigest: digest,
    record,
    ...facts
  } = readHeader(content.subarray(lengthBytes, headerEnd), refuse);
  // Copied, because the bytes need not be aligned.
  const latents = new Float32Array(new Uint8Array(content.subarray(headerEnd)).buffer);
  if (latentsDigest(latents) !== digest) throw refuse('its latents are not those it names');
  if (!latents.every(Number.isFinite)) throw refuse('its latents hold what is no number');
  const { key, parentKey, model, recipe } = facts;
  if (key !== wanted.key || chunkKey({ parentKey, model, recipe }) !== key) throw refuse('it is of another chunk');
  if (model.digest !== wanted.model.digest || model.numericsVersion !== wanted.model.numericsVersion)
    throw refuse('another model made it');
  if (deviceClass !== wanted.deviceClass)
    throw refuse(`it was made on ${deviceClass}, and ${wanted.deviceClass} was asked for`);
  const read = readRecordOf(record, place, refuse);
  if (read.chunkIndex !== recipe.chunkIndex) throw refuse('its record is of another chunk');
  return { ...facts, record: read, latents };
}

function readRecordOf(record: unknown, place: string, refuse: Refuse): ChunkArtifact['record'] {
  try {
    return readRecord(record, place).value;
  } catch (cause) {
    throw refuse('its record cannot be read', cause);
  }
}

function readHeader(packed: Uint8Array, refuse: Refuse) {
  let value: unknown;
  try {
    value = JSON.parse(inflateSync(packed, { maxOutputLength: largestHeaderBytes }).toString());
  } catch (cause) {
    throw refuse('its description cannot be read', cause);
  }
  const parsed = headerSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw refuse(`its description is wrong at ${z.core.toDotPath(issue?.path ?? [])}`, parsed.error);
}

/** How large the file of a chunk may be. */
export function chunkLimit(place: string): ReadLimit {
  return {
    mostBytes: largestArtifactBytes,
    tooLarge: (sizeBytes) =>
      refused(place, `it has ${sizeBytes} bytes, and no chunk has more than ${largestArtifactBytes}`),
  };
}

function refused(place: string, what: string, cause?: unknown): ThroughlineError {
  return new ThroughlineError(
    'bad-artifact',
    `A chunk from the farm was refused (${place}): ${what}.`,
    'It is made again when it is next asked for. If this comes again, see who else writes to the store.',
    { cause },
  );
}
