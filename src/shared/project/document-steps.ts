import type { JsonObject } from '../versioned.ts';

/**
 * Leads from one version of a project document to the next. It is written by parts, since undo steps hold the same
 * parts: a step changes a document, named versions and the undo history alike.
 */
export interface DocumentStep {
  /** What it changes, in a few words; shown when it fails. */
  readonly what: string;
  /** Pure: a shot as the version before knew it, in the new form. */
  readonly shot?: (shot: JsonObject) => JsonObject;
  /**
   * Pure: fields of the document by name, from their old value, which is undefined where the field is new. A field
   * that goes becomes undefined.
   */
  readonly fields?: Readonly<Record<string, (value: unknown) => unknown>>;
}

/**
 * Every step since version 1. To change what a project document holds:
 *
 * 1. Add one step at the end; step i leads from version i + 1 to version i + 2. Never edit one that has landed.
 * 2. Change `projectShotSchema` or `projectDocumentSchema` to the new form. {@link documentVersion} follows by itself,
 *    and undo takes in a new field of the document by itself.
 * 3. Add a document as the version before wrote it to `tests/fixtures/documents/`, named `vN.json`; the test of
 *    document versions reads every file there and asks for one of each version.
 *
 * A version says what a reader must know. A new value of a field that older readers would refuse is a new version too,
 * even where its step has nothing to do.
 */
export const documentSteps: readonly DocumentStep[] = [
  { what: 'a shot may begin automatically' },
  { what: 'a shot may have fields: scene, number, action, dialogue, notes, camera' },
  { what: 'a shot may say where in a script it comes from' },
  {
    what: 'a story has defaults for new shots',
    fields: { defaults: (old) => old ?? { chunks: 2, seed: null, transition: 'automatic' } },
  },
  { what: 'a shot may have sounds' },
  { what: 'a shot may be trimmed' },
  { what: 'memory may hold pictures, and a shot may begin with one' },
  { what: 'a story names its model', fields: { model: (old) => old ?? null } },
  { what: 'a story has a frame size', fields: { frameSize: (old) => old ?? null } },
  { what: 'a story says what the model is told of its prompts', fields: { prompts: (old) => old ?? 'as-written' } },
  { what: 'a film may go on from its first frame' },
  { what: 'a comparison, and a film, may begin with footage' },
];

/** The version that this Throughline writes. */
export const documentVersion = documentSteps.length + 1;
