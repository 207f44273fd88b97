import type { ImportChange, ImportUpdate, ScriptPart } from '../api/import-preview.ts';
import { applyCommand } from '../project/apply-command.ts';
import type { Command } from '../project/commands.ts';
import type { ProjectDocument, ProjectShot, ShotId } from '../project/document.ts';
import { childrenOf, shotsById } from '../project/tree.ts';
import { fingerprint, type ScriptOrigin } from '../script-origin.ts';
import { type ShotFieldName, type ShotFields, shotFieldsSchema } from '../shot-fields.ts';
import type { ImportedScene, ImportedScript, ImportedShot } from './imported.ts';
import { type Matchable, matchShots, unmoved } from './match-shots.ts';
import { numberOfShot } from './storymem.ts';

export interface MergeOptions {
  /** Name of the script's file: what was brought in under the same name is updated. */
  readonly file: string;
  /** A shot of the new script as a new shot of the project, with its origin; its parent is set here. */
  readonly makeShot: (shot: ImportedShot, story: number, index: number) => ProjectShot;
  /** Whether anything was generated for a shot: then it is never taken out. */
  readonly isMade: (id: ShotId) => boolean;
  /** Keys of new shots that are not wanted. */
  readonly leaveOut?: ReadonlySet<string>;
}

export interface Merge {
  /** What to apply, in order, as one step. Empty where the script says what it said. */
  readonly commands: readonly Command[];
  readonly update: ImportUpdate;
}

/**
 * How a project follows a script that was changed since it was brought in. Shots are matched by what they say, then by
 * scene and by their words. What the script changed is changed; what the person changed stays, also where the script
 * changed it too; what is new is put where the script has it; what is gone goes, unless something was made of it or the
 * person changed it. Pure.
 *
 * @returns null where nothing of this script is in the project
 */
export function mergeImport(document: ProjectDocument, script: ImportedScript, options: MergeOptions): Merge | null {
  const origins = originsOf(document, options.file);
  if (origins.length === 0) return null;
  const merger = new Merger(document, options);
  for (const [storyIndex, story] of script.stories.entries()) {
    const known = origins.filter(({ origin }) => origin.story === storyIndex);
    merger.mergeStory(known, story.scenes, storyIndex);
  }
  const beyond = origins.filter(({ origin }) => origin.story >= script.stories.length);
  merger.takeOut(beyond);
  return { commands: merger.commands, update: { changes: merger.changes, same: merger.same } };
}

/** What a shot says, part by part, as it is compared. */
type Parts = { readonly [Name in ScriptPart]?: string | undefined };

/** What a script says of a shot. */
export function partsOf(shot: ImportedShot): Parts {
  return {
    prompt: shot.prompt,
    chunks: String(shot.chunks),
    ...(shot.transition === undefined ? {} : { transition: shot.transition }),
    ...shot.fields,
  };
}

/** Where a shot of a script comes from, to be kept with it. */
export function originOf(shot: ImportedShot, file: string, story: number, index: number): ScriptOrigin {
  const parts = Object.entries(partsOf(shot)).map(([name, text]) => [name, fingerprint(text ?? '')]);
  return { file, story, index, parts: Object.fromEntries(parts) };
}

interface Known {
  readonly shot: ProjectShot;
  readonly origin: ScriptOrigin;
}

/** The shots that came from this script, in its order. Of copies of one shot, the first in the project. */
function originsOf(document: ProjectDocument, file: string): Known[] {
  const found = new Map<string, Known>();
  for (const shot of document.shots) {
    const { origin } = shot;
    if (origin?.file !== file) continue;
    const place = `${origin.story} ${origin.index}`;
    if (!found.has(place)) found.set(place, { shot, origin });
  }
  return [...found.values()].sort((a, b) => a.origin.story - b.origin.story || a.origin.index - b.origin.index);
}

const fieldNames = Object.keys(shotFieldsSchema.shape) as ShotFieldName[];

class Merger {
  readonly commands: Command[] = [];
  readonly changes: ImportChange[] = [];
  same = 0;
  readonly #options: MergeOptions;
  #document: ProjectDocument;

  constructor(document: ProjectDocument, options: MergeOptions) {
    this.#document = document;
    this.#options = options;
  }

  mergeStory(known: readonly Known[], scenes: readonly ImportedScene[], storyIndex: number): void {
    const shots = scenes.flatMap((scene) => scene.shots.map((shot) => ({ shot, scene })));
    const matches = matchShots(
      known.map(({ shot, origin }) => oldMatchable(shot, origin)),
      shots.map(({ shot }) => newMatchable(shot)),
    );
    const inPlace = unmoved(matches.filter((place) => place !== null));
    const matched = new Set(matches);
    this.takeOut(known.filter((_, place) => !matched.has(place)));

    const indices = indicesFor(
      matches.map((place) => (place !== null && inPlace.has(place) ? (known[place] as Known).origin.index : null)),
    );
    const numbers = new Set(known.map(({ shot }) => shot.fields?.number).filter((number) => number !== undefined));
    let before: ShotId | null = null;
    let waiting: ProjectShot[] = [];
    const first = known.find((_, place) => matched.has(place) && inPlace.has(place))?.shot.id ?? null;
    const putWaiting = () => {
      if (waiting.length > 0) before = this.#insert(waiting, before, first);
      waiting = [];
    };
    for (const [at, { shot, scene }] of shots.entries()) {
      const index = indices[at] as number;
      const place = matches[at] ?? null;
      if (place === null) {
        if (this.#options.leaveOut?.has(shot.key)) continue;
        this.changes.push({ kind: 'new', key: shot.key });
        waiting.push(withFreeNumber(this.#options.makeShot(shot, storyIndex, index), scene.number, numbers));
        continue;
      }
      putWaiting();
      const { id } = (known[place] as Known).shot;
      const moved = !inPlace.has(place) && this.#move(id, before, first);
      this.#edit(known[place] as Known, shot, scene.number, { story: storyIndex, index }, moved);
      before = id;
    }
    putWaiting();
  }

  /** Takes shots out that the script no longer has, but for those that somebody would miss. */
  takeOut(gone: readonly Known[]): void {
    const going: ShotId[] = [];
    for (const { shot, origin } of gone) {
      const stays = this.#options.isMade(shot.id) || shot.held !== null || isChanged(shot, origin);
      this.changes.push({ kind: 'gone', shotId: shot.id, stays });
      if (!stays) going.push(shot.id);
      // It is the person's own from here on.
      else this.#apply({ type: 'edit-shot', id: shot.id, patch: { origin: null } });
    }
    if (going.length > 0) this.#apply({ type: 'delete-shots', ids: going, mode: 'heal' });
  }

  #edit(
    { shot, origin }: Known,
    now: ImportedShot,
    sceneNumber: string | null,
    { story, index }: Pick<ScriptOrigin, 'story' | 'index'>,
    moved: boolean,
  ): void {
    const parts: ScriptPart[] = [];
    const kept: ScriptPart[] = [];
    const said = partsOf(now);
    const has = partsOfProject(shot);
    for (const name of ['prompt', 'chunks', 'transition', ...fieldNames] as const) {
      const text = said[name] ?? '';
      const was = origin.parts[name];
      if ((text === '' ? undefined : fingerprint(text)) === was) continue; // the script says what it said
      const own = has[name] ?? '';
      if (own === text) continue;
      // A number that was handed out stays as long as its scene has the same.
      if (name === 'number' && (!sceneNumber || own.startsWith(sceneNumber))) continue;
      // A transition that the script does not name is left to whoever made the shot.
      if (name === 'transition' && text === '') continue;
      if ((own === '' ? undefined : fingerprint(own)) === was || (was === undefined && own === '')) parts.push(name);
      else kept.push(name);
    }
    const next = originOf(now, origin.file, story, index);
    const patch = { ...patchOf(shot, now, parts), origin: next };
    const hasNewOrigin = JSON.stringify(next) !== JSON.stringify(origin);
    if (parts.length > 0 || hasNewOrigin) this.#apply({ type: 'edit-shot', id: shot.id, patch });
    if (parts.length > 0 || kept.length > 0 || moved) {
      this.changes.push({ kind: 'changed', key: now.key, shotId: shot.id, parts, kept, moved });
    } else {
      this.same += 1;
    }
  }

  /** Puts new shots, one after the other, behind `before`, or in front of the story. Returns the last one. */
  #insert(shots: readonly ProjectShot[], before: ShotId | null, first: ShotId | null): ShotId {
    const line = shots.map((shot, i) => ({ ...shot, parent: shots[i - 1]?.id ?? null }));
    const next = before === null ? first : this.#next(before);
    const after = before ?? (next === null ? null : (shotsById(this.#document).get(next)?.parent ?? null));
    this.#apply({ type: 'paste-shots', after, before: next, shots: line });
    return line.at(-1)?.id as ShotId;
  }

  /** Lets a shot follow `before` (null: begin the story). False where it does already. */
  #move(id: ShotId, before: ShotId | null, first: ShotId | null): boolean {
    const shot = shotsById(this.#document).get(id);
    if (!shot || shot.parent === before) return false;
    const next = before === null ? first : this.#next(before);
    if (next === id) return false;
    this.#apply({ type: 'move-shot', id, to: next === null ? { after: before } : { before: next } });
    return true;
  }

  /** What follows a shot on its line: of several, the first that came from a script, as the story did. */
  #next(id: ShotId): ShotId | null {
    const children = childrenOf(this.#document).get(id) ?? [];
    const own = children.find(({ origin }) => origin?.file === this.#options.file);
    return (own ?? children[0])?.id ?? null;
  }

  #apply(command: Command): void {
    this.#document = applyCommand(this.#document, command);
    this.commands.push(command);
  }
}

/**
 * A rising number for every place: those that are given stay, those between lie between.
 * @param given a rising number, or null where one is to be found
 */
export function indicesFor(given: readonly (number | null)[]): number[] {
  const indices: number[] = [];
  for (let at = 0; at < given.length; ) {
    const own = given[at];
    if (own !== null && own !== undefined) {
      indices.push(own);
      at += 1;
      continue;
    }
    let end = at;
    while (end < given.length && given[end] === null) end += 1;
    const count = end - at;
    const next = given[end] ?? null;
    const last = indices.at(-1) ?? (next === null ? -1 : next - count - 1);
    const step = next === null ? 1 : (next - last) / (count + 1);
    for (let i = 1; i <= count; i++) indices.push(last + i * step);
    at = end;
  }
  return indices;
}

/** A new shot in a scene gets the next number of it that no other shot has: numbers are never handed out twice. */
function withFreeNumber(shot: ProjectShot, sceneNumber: string | null, numbers: Set<string>): ProjectShot {
  if (sceneNumber === null || shot.fields?.number === undefined) return shot;
  let free = shot.fields.number;
  for (let i = 0; numbers.has(free); i++) free = numberOfShot(sceneNumber, i);
  numbers.add(free);
  return { ...shot, fields: { ...shot.fields, number: free } };
}

function oldMatchable(shot: ProjectShot, origin: ScriptOrigin): Matchable {
  const text = shot.fields?.action ?? shot.prompt;
  return { fingerprint: origin.parts.prompt ?? '', scene: sceneName(shot.fields), text };
}

function newMatchable(shot: ImportedShot): Matchable {
  const text = shot.fields.action ?? shot.prompt;
  return { fingerprint: fingerprint(shot.prompt), scene: sceneName(shot.fields), text };
}

/** A scene by its number where it has one, since headings are rewritten and numbers are locked; else by its heading. */
function sceneName({ number, scene }: ShotFields = {}): string {
  const digits = /^[A-Z]?\d+/i.exec(number ?? '')?.[0];
  return digits ? `#${digits}` : (scene ?? '');
}

function partsOfProject(shot: ProjectShot): Parts {
  return { prompt: shot.prompt, chunks: String(shot.chunks), transition: shot.transition, ...shot.fields };
}

/** Whether the person changed anything that the script said. */
function isChanged(shot: ProjectShot, origin: ScriptOrigin): boolean {
  const has = partsOfProject(shot);
  return Object.entries(origin.parts).some(([name, was]) => fingerprint(has[name as ScriptPart] ?? '') !== was);
}

/** The parts that follow the script, as a patch of the shot. */
function patchOf(shot: ProjectShot, now: ImportedShot, parts: readonly ScriptPart[]): Partial<ProjectShot> {
  const fields: { [Name in ShotFieldName]?: string | undefined } = { ...shot.fields };
  for (const name of fieldNames) {
    if (!parts.includes(name)) continue;
    const text = now.fields[name];
    if (text === undefined) delete fields[name];
    else fields[name] = text;
  }
  return {
    ...(parts.includes('prompt') ? { prompt: now.prompt } : {}),
    ...(parts.includes('chunks') ? { chunks: now.chunks } : {}),
    ...(parts.includes('transition') && now.transition ? { transition: now.transition } : {}),
    ...(parts.some((name) => (fieldNames as readonly string[]).includes(name)) ? { fields } : {}),
  };
}
