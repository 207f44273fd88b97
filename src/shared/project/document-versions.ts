import { z } from 'zod';
import { ThroughlineError } from '../errors.ts';
import { type JsonObject, type ReadVersioned, readVersioned, type VersionedFormat } from '../versioned.ts';
import { type ProjectDocument, projectDocumentSchema } from './document.ts';
import { type DocumentStep, documentSteps } from './document-steps.ts';
import { limits } from './limits.ts';
import { mendTree } from './mend-tree.ts';

const documentFormat: VersionedFormat<ProjectDocument> = {
  what: 'storyboard',
  schema: projectDocumentSchema,
  steps: documentSteps.map((step) => ({ what: step.what, up: (document) => documentUp(step, document) })),
};

export interface ReadDocument extends ReadVersioned<ProjectDocument> {
  /** Sentences: what did not fit together in the stored document, and was mended. */
  readonly mended: readonly string[];
}

/**
 * A project document as it is stored (JSON), in its newest form. Any version is read, however large its parts are; a
 * tree that does not hold together is mended.
 * @param where names the file in a sentence
 * @throws ThroughlineError `database` if it is not a document
 */
export function readDocument(text: string, where = 'this file'): ReadDocument {
  if (text.length > limits.storedDocument) throw notReadable(where, `it is ${text.length} characters long`);
  let stored: unknown;
  try {
    stored = JSON.parse(text);
  } catch (cause) {
    throw notReadable(where, 'it is not JSON', cause);
  }
  const read = readVersioned(documentFormat, stored, where);
  const { document, mended } = mendTree(read.value);
  return { ...read, value: document, mended };
}

/** What an undo step stores of a document: shots and fields, each before and after it. */
const storedDeltaSchema = z.looseObject({
  version: z.int().min(1).default(1),
  shots: z.array(z.tuple([z.looseObject({}).nullable(), z.looseObject({}).nullable()])),
});

/**
 * An undo step's stored changes, brought to the newest version of documents. The caller parses the result.
 * @throws if it is not one, or of a newer version
 */
export function migrateDelta(stored: unknown, steps: readonly DocumentStep[] = documentSteps): JsonObject {
  const { version, ...delta } = storedDeltaSchema.parse(stored);
  if (version > steps.length + 1) throw new Error(`an undo step of version ${version}`);
  let changed: Record<string, unknown> = delta;
  for (const { shot, fields = {} } of steps.slice(version - 1)) {
    const shots = changed.shots as readonly (readonly (JsonObject | null)[])[];
    changed = { ...changed, shots: shots.map((ends) => ends.map((end) => (end && shot ? shot(end) : end))) };
    for (const [name, up] of Object.entries(fields)) {
      const ends = changed[name];
      if (Array.isArray(ends)) changed[name] = ends.map(up);
    }
  }
  return changed;
}

function documentUp({ shot, fields = {} }: DocumentStep, document: JsonObject): JsonObject {
  const next: Record<string, unknown> = { ...document };
  if (shot) next.shots = (document.shots as readonly JsonObject[]).map(shot);
  for (const [name, up] of Object.entries(fields)) {
    next[name] = up(document[name]);
    if (next[name] === undefined) delete next[name];
  }
  return next;
}

function notReadable(where: string, why: string, cause?: unknown): ThroughlineError {
  return new ThroughlineError(
    'database',
    `The storyboard in ${where} cannot be read: ${why}.`,
    'Restore the file from a backup.',
    { cause },
  );
}
