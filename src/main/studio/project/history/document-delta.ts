import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import {
  type ProjectDocument,
  type ProjectShot,
  projectDocumentSchema,
  projectShotSchema,
} from '../../../../shared/project/document.ts';
import { documentVersion } from '../../../../shared/project/document-steps.ts';
import { migrateDelta } from '../../../../shared/project/document-versions.ts';

const pair = <Value extends z.ZodType>(value: Value) => z.tuple([value, value]);
const { format: _format, version: _version, shots: _shots, ...fields } = projectDocumentSchema.shape;

/** A document's own fields, which undo takes in by themselves. None of them is optional. */
type Fields = typeof fields;
type FieldName = keyof Fields;
const fieldNames = Object.keys(fields) as FieldName[];
const fieldPairs = Object.fromEntries(fieldNames.map((name) => [name, pair(fields[name]).optional()])) as {
  [Name in FieldName]: z.ZodOptional<z.ZodTuple<[Fields[Name], Fields[Name]]>>;
};

/** What lies between two documents, each part as [before, after], so that it can be walked both ways. */
const documentDeltaSchema = z.strictObject({
  ...fieldPairs,
  /** Shots that came (null before), went (null after) or changed, by id. */
  shots: z.array(pair(projectShotSchema.nullable())),
  /** From place `at` on, these ids stood there before and after; null where the order stayed. */
  order: z.strictObject({ at: z.int().min(0), ids: pair(z.array(z.string())) }).nullable(),
});
export type DocumentDelta = z.infer<typeof documentDeltaSchema>;

/** A delta as it is stored: JSON, with the version of the documents it lies between. */
export function writeDelta(delta: DocumentDelta): string {
  return JSON.stringify({ version: documentVersion, ...delta });
}

/** A delta that was stored by this version or an older one. @throws if it is not one */
export function readDelta(text: string): DocumentDelta {
  return documentDeltaSchema.parse(migrateDelta(JSON.parse(text)));
}

/** What leads from one document to the other; null if they are the same. */
export function deltaBetween(before: ProjectDocument, after: ProjectDocument): DocumentDelta | null {
  const old = new Map(before.shots.map((shot) => [shot.id, shot]));
  const shots: [ProjectShot | null, ProjectShot | null][] = [];
  for (const shot of after.shots) {
    const was = old.get(shot.id) ?? null;
    if (was !== shot && !isDeepStrictEqual(was, shot)) shots.push([was, shot]);
    old.delete(shot.id);
  }
  for (const shot of old.values()) shots.push([shot, null]);
  const order = orderBetween(idsOf(before), idsOf(after));
  const changed = fieldNames.filter((name) => !isDeepStrictEqual(before[name], after[name]));
  if (shots.length === 0 && !order && changed.length === 0) return null;
  return { ...Object.fromEntries(changed.map((name) => [name, [before[name], after[name]]])), shots, order };
}

/** Walks a delta forwards (redo) or backwards (undo). The document must be what the delta was made on. */
export function applyDelta(
  document: ProjectDocument,
  delta: DocumentDelta,
  way: 'forwards' | 'backwards',
): ProjectDocument {
  const [from, to] = way === 'forwards' ? ([0, 1] as const) : ([1, 0] as const);
  const shots = new Map(document.shots.map((shot) => [shot.id, shot]));
  for (const change of delta.shots) {
    const was = change[from];
    const is = change[to];
    if (is) shots.set(is.id, is);
    else if (was) shots.delete(was.id);
  }
  const ids = idsOf(document);
  if (delta.order) ids.splice(delta.order.at, delta.order.ids[from].length, ...delta.order.ids[to]);
  const changed = fieldNames.flatMap((name) => (delta[name] ? [[name, delta[name][to]]] : []));
  return {
    ...document,
    ...Object.fromEntries(changed),
    shots: ids.map((id) => {
      const shot = shots.get(id);
      if (!shot) throw new Error(`the history does not fit the document: shot ${id} is missing`);
      return shot;
    }),
  };
}

function idsOf(document: ProjectDocument): string[] {
  return document.shots.map(({ id }) => id);
}

function orderBetween(before: readonly string[], after: readonly string[]): DocumentDelta['order'] {
  let at = 0;
  while (at < before.length && at < after.length && before[at] === after[at]) at++;
  let tail = 0;
  const most = Math.min(before.length, after.length) - at;
  while (tail < most && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++;
  const ids: [string[], string[]] = [before.slice(at, before.length - tail), after.slice(at, after.length - tail)];
  return ids[0].length === 0 && ids[1].length === 0 ? null : { at, ids };
}
