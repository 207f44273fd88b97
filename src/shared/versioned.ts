import { z } from 'zod';
import { ThroughlineError } from './errors.ts';

export type JsonObject = { readonly [name: string]: unknown };

/** Leads from one version of a stored value to the next. */
export interface VersionStep {
  /** What it changes, in a few words; shown when it fails. */
  readonly what: string;
  /** Pure: makes a new value and leaves the old one as it is. */
  readonly up: (value: JsonObject) => JsonObject;
}

/**
 * Something that is stored as JSON and outlives the version that wrote it. Its field `version` counts from 1; a value
 * without one is of version 1.
 *
 * To change what is stored: add one step at the end of `steps`, change `schema` to the new form, and put a value as the
 * version before wrote it into the tests' fixtures. A step that has landed is never edited, and a fixture never changed:
 * files of every version that ever landed are out there.
 */
export interface VersionedFormat<Value> {
  /** What it is to a person: `storyboard`. */
  readonly what: string;
  /** The newest form. Its `version` is {@link newestVersion}. */
  readonly schema: z.ZodType<Value>;
  /** Step i leads from version i + 1 to version i + 2. */
  readonly steps: readonly VersionStep[];
}

export interface ReadVersioned<Value> {
  readonly value: Value;
  /** The version it was stored in. */
  readonly version: number;
  /**
   * A sentence where a newer Throughline stored it: `value` is the part of it that this one knows. It may be shown, and
   * must never be written back. Null for every version that is known.
   */
  readonly newer: ThroughlineError | null;
}

export function newestVersion(format: { readonly steps: readonly unknown[] }): number {
  return format.steps.length + 1;
}

/**
 * A stored value in its newest form.
 * @param where names the file or place in a sentence: `this file`
 * @throws ThroughlineError `database` if it is not such a value, or of a newer version and nothing of it can be read
 */
export function readVersioned<Value>(
  format: VersionedFormat<Value>,
  stored: unknown,
  where: string,
): ReadVersioned<Value> {
  const newest = newestVersion(format);
  const version = versionOf(stored);
  if (version === null) throw unreadable(format, where, 'it does not say its version');
  if (version > newest) return readNewer(format, stored as JsonObject, version, where);
  const value = migrateValue(format, stored as JsonObject, version, where);
  const parsed = format.schema.safeParse(value);
  if (!parsed.success) throw unreadable(format, where, z.prettifyError(parsed.error), parsed.error);
  return { value: parsed.data, version, newer: null };
}

/** The steps from `version` on, one after the other. @throws ThroughlineError `database` naming the step that failed */
function migrateValue(
  format: VersionedFormat<unknown>,
  stored: JsonObject,
  version: number,
  where: string,
): JsonObject {
  let value = stored;
  for (const [i, step] of format.steps.slice(version - 1).entries()) {
    try {
      value = { ...step.up(value), version: version + i + 1 };
    } catch (error) {
      throw unreadable(format, where, `it could not be brought up to date (${step.what})`, error);
    }
  }
  return value;
}

/** The version a stored value says; 1 where it says none; null where it is no object or says nonsense. */
function versionOf(stored: unknown): number | null {
  if (typeof stored !== 'object' || stored === null || Array.isArray(stored)) return null;
  const version = 'version' in stored ? stored.version : 1;
  return Number.isSafeInteger(version) && Number(version) >= 1 ? Number(version) : null;
}

function readNewer<Value>(
  format: VersionedFormat<Value>,
  stored: JsonObject,
  version: number,
  where: string,
): ReadVersioned<Value> {
  const newest = newestVersion(format);
  const made = `The ${format.what} in ${where} was made by a newer Throughline (version ${version}; this one knows up to ${newest})`;
  const known = parseKnownPart(format.schema, { ...stored, version: newest });
  if (!known) {
    throw new ThroughlineError('database', `${made}.`, 'Update Throughline. Nothing was changed.');
  }
  const hint = 'Update Throughline to change it. Until then it can be looked at and exported.';
  return { value: known.value, version, newer: new ThroughlineError('database', `${made} and is read only.`, hint) };
}

/** Leaves out the fields that a strict schema does not know; undefined if what is left is not a value all the same. */
function parseKnownPart<Value>(schema: z.ZodType<Value>, stored: JsonObject): { value: Value } | undefined {
  const copy = structuredClone(stored);
  for (;;) {
    const parsed = schema.safeParse(copy);
    if (parsed.success) return { value: parsed.data };
    const unknown = parsed.error.issues.flatMap((issue) =>
      issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [],
    );
    // Each round takes fields away, so there is a last one.
    if (unknown.filter((path) => remove(copy, path)).length === 0) return undefined;
  }
}

function remove(root: unknown, path: readonly PropertyKey[]): boolean {
  let at = root as Record<PropertyKey, unknown> | undefined;
  for (const name of path.slice(0, -1)) at = at?.[name] as Record<PropertyKey, unknown> | undefined;
  const last = path.at(-1);
  return at !== undefined && last !== undefined && Object.hasOwn(at, last) && Reflect.deleteProperty(at, last);
}

function unreadable(format: { what: string }, where: string, why: string, cause?: unknown): ThroughlineError {
  return new ThroughlineError(
    'database',
    `The ${format.what} in ${where} cannot be read: ${why}.`,
    'Restore the file from a backup.',
    { cause },
  );
}
