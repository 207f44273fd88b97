import { ThroughlineError } from '../errors.ts';
import type { MemoryOverrides } from '../memory-settings.ts';
import { isTrimmed } from '../trim.ts';
import { requireWithinLimits } from './check-limits.ts';
import type { Command, CommandOf } from './commands.ts';
import { nameCut, withEndMoved } from './cut-names.ts';
import type { ProjectDocument, ProjectShot, ShotDefaults, ShotId } from './document.ts';
import { documentVersion } from './document-steps.ts';
import { pasteShots } from './paste-shots.ts';
import { withoutPicture, withPicture } from './pictures.ts';
import { putSound, removeSound, withSoundsOfGone } from './sounds.ts';
import { childrenOf, findShot, requireNewId, subtreeOf } from './tree.ts';

/** What new shots begin with in a new story. */
const usualDefaults: ShotDefaults = { chunks: 2, seed: null, transition: 'automatic' };

/** A new story: what its prompts leave to those before is completed. */
export function emptyDocument(title: string): ProjectDocument {
  return {
    format: 'throughline-project',
    version: documentVersion,
    title,
    model: null,
    frameSize: null,
    prompts: 'completed',
    memory: {},
    defaults: usualDefaults,
    shots: [],
    cutNames: {},
  };
}

/**
 * The document after a command. Pure; an unchanged part is the same object as before.
 * @throws ThroughlineError `bad-input` if the command does not fit the document, or makes something larger than its
 *   limit; the document is then as it was
 */
export function applyCommand(document: ProjectDocument, command: Command): ProjectDocument {
  const after = documentAfter(document, command);
  requireWithinLimits(document, after);
  return after;
}

function documentAfter(document: ProjectDocument, command: Command): ProjectDocument {
  switch (command.type) {
    case 'add-shot':
      return addShot(document, command.parent, command.shot);
    case 'insert-shot':
      return insertShot(document, command);
    case 'edit-shot':
      return editShot(document, command);
    case 'split-shot':
      return splitShot(document, command);
    case 'branch':
      return branch(document, command);
    case 'delete-shots':
      return deleteShots(document, command);
    case 'reconnect':
      return reconnect(document, command);
    case 'paste-shots':
      return pasteShots(document, command);
    case 'move-shot':
      return moveShot(document, command);
    case 'hold-results':
      return holdResults(document, command);
    case 'pick-take':
      return changeShot(document, command.id, (shot) => ({
        ...shot,
        prompt: command.prompt,
        seed: command.seed,
        held: null,
      }));
    case 'pin-frame':
      return directMemory(document, command.shotId, ({ pins = [], bans = [] }) => ({
        pins: [...pins.filter(({ frame }) => frame !== command.frame), { frame: command.frame, name: command.name }],
        bans: bans.filter((frame) => frame !== command.frame),
      }));
    case 'unpin-frame':
      return directMemory(document, command.shotId, ({ pins = [] }) => ({
        pins: pins.filter(({ frame }) => frame !== command.frame),
      }));
    case 'ban-frame':
      return directMemory(document, command.shotId, ({ pins = [], bans = [] }) => ({
        pins: pins.filter(({ frame }) => frame !== command.frame),
        bans: [...bans.filter((frame) => frame !== command.frame), command.frame],
      }));
    case 'unban-frame':
      return directMemory(document, command.shotId, ({ bans = [] }) => ({
        bans: bans.filter((frame) => frame !== command.frame),
      }));
    case 'put-sound':
      return putSound(document, command);
    case 'remove-sound':
      return removeSound(document, command);
    case 'put-picture':
      return changeMemory(document, command.shotId, (memory) => withPicture(memory, command.picture));
    case 'remove-picture':
      return changeMemory(document, command.shotId, (memory) => withoutPicture(memory, command.asset));
    case 'set-first-frame':
      return changeShot(document, command.shotId, ({ firstFrame: _, ...shot }) =>
        command.asset === null ? shot : { ...shot, firstFrame: { asset: command.asset, leads: true } },
      );
    case 'set-footage':
      return changeShot(document, command.shotId, ({ footage: _, ...shot }) =>
        command.footage === null ? shot : { ...shot, footage: command.footage },
      );
    case 'name-cut':
      return nameCut(document, command);
    case 'edit-project':
      return {
        ...document,
        ...(command.title === undefined ? {} : { title: command.title }),
        ...(command.model === undefined ? {} : { model: command.model }),
        ...(isOtherModel(document, command) ? { frameSize: null } : {}),
        ...(command.frameSize === undefined ? {} : { frameSize: command.frameSize }),
        ...(command.prompts === undefined ? {} : { prompts: command.prompts }),
        ...(command.memory === undefined ? {} : { memory: command.memory }),
        ...(command.defaults === undefined ? {} : { defaults: command.defaults }),
      };
  }
}

/** A size that was chosen for one model says nothing of another. */
function isOtherModel({ model: before }: ProjectDocument, { model: after }: CommandOf<'edit-project'>): boolean {
  return before !== null && after !== undefined && after?.digest !== before.digest;
}

function addShot(document: ProjectDocument, parent: ShotId | null, shot: ProjectShot): ProjectDocument {
  requireNewId(document, shot.id);
  if (parent !== null) findShot(document, parent);
  const extendsLeaf = parent !== null && !document.shots.some((other) => other.parent === parent);
  return {
    ...document,
    shots: [...document.shots, { ...shot, parent }],
    cutNames: extendsLeaf ? withEndMoved(document.cutNames, parent, shot.id) : document.cutNames,
  };
}

function insertShot(document: ProjectDocument, { before, shot }: CommandOf<'insert-shot'>): ProjectDocument {
  requireNewId(document, shot.id);
  const next = findShot(document, before);
  const inserted = { ...shot, parent: next.parent };
  // In the place of the one it pushes back, so that lanes keep their order.
  return {
    ...document,
    shots: document.shots.flatMap((other) =>
      other.id === before ? [inserted, { ...other, parent: shot.id }] : [other],
    ),
  };
}

function editShot(document: ProjectDocument, { id, patch }: CommandOf<'edit-shot'>): ProjectDocument {
  const defined = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
  return changeShot(document, id, (shot) => {
    const changed = plainlyTold(trimmed({ ...shot, ...defined }));
    // Held results are one a chunk: another length lets them go.
    return changed.chunks === shot.chunks ? changed : { ...changed, held: null };
  });
}

function splitShot(document: ProjectDocument, { id, at, restId }: CommandOf<'split-shot'>): ProjectDocument {
  const shot = findShot(document, id);
  requireNewId(document, restId);
  if (at >= shot.chunks)
    throw new ThroughlineError(
      'bad-input',
      `A shot of ${shot.chunks} chunks cannot be split after chunk ${at}.`,
      'Split it earlier.',
    );
  const { pins: _pins, bans: _bans, pictures: _pictures, ...memory } = shot.memory; // they hold from the first part on
  const { fields, origin: _origin, sounds: _sounds, firstFrame: _firstFrame, footage: _footage, ...recipe } = shot; // what is said of a shot is said once; its scene goes on
  const rest: ProjectShot = trimmed({
    ...recipe,
    ...(fields?.scene === undefined ? {} : { fields: { scene: fields.scene } }),
    id: restId,
    parent: id,
    name: '',
    chunks: shot.chunks - at,
    transition: 'continue',
    memory,
    held: shot.held?.slice(at) ?? null,
    ...(shot.trim ? { trim: { head: 0, tail: shot.trim.tail } } : {}),
  });
  const first = trimmed({
    ...shot,
    chunks: at,
    held: shot.held?.slice(0, at) ?? null,
    ...(shot.trim ? { trim: { head: shot.trim.head, tail: 0 } } : {}),
  });
  return {
    ...document,
    shots: document.shots.flatMap((other) => {
      if (other.id === id) return [first, rest];
      return [other.parent === id ? { ...other, parent: restId } : other];
    }),
    cutNames: withEndMoved(document.cutNames, id, restId),
  };
}

/** A shot without a trim of nothing: what is not trimmed says nothing of it. */
function trimmed(shot: ProjectShot): ProjectShot {
  if (isTrimmed(shot.trim) || shot.trim === undefined) return shot;
  const { trim: _, ...whole } = shot;
  return whole;
}

/** A shot that is told as the story has it says nothing of that. */
function plainlyTold(shot: ProjectShot): ProjectShot {
  if (shot.told !== 'automatic') return shot;
  const { told: _, ...plain } = shot;
  return plain;
}

function branch(document: ProjectDocument, { id, at, restId, shot }: CommandOf<'branch'>): ProjectDocument {
  const from = findShot(document, id);
  const split = at < from.chunks ? splitShot(document, { type: 'split-shot', id, at, restId }) : document;
  return addShot(split, id, shot);
}

function deleteShots(document: ProjectDocument, { ids, mode }: CommandOf<'delete-shots'>): ProjectDocument {
  for (const id of ids) findShot(document, id);
  const gone = new Set(mode === 'subtree' ? subtreeOf(document, ids) : ids);
  const byId = new Map(document.shots.map((shot) => [shot.id, shot]));
  const keptAncestor = (parent: ShotId | null): ShotId | null => {
    let at = parent;
    while (at !== null && gone.has(at)) at = byId.get(at)?.parent ?? null;
    return at;
  };
  const shots = withSoundsOfGone(document, withHeirsInPlace(document, gone), gone)
    .filter(({ id }) => !gone.has(id))
    .map((shot) => {
      const parent = keptAncestor(shot.parent);
      return parent === shot.parent ? shot : { ...shot, parent };
    });
  const parents = new Set(shots.map(({ parent }) => parent));
  const names: Record<ShotId, string> = {};
  for (const [leaf, name] of Object.entries(document.cutNames)) {
    // The name of a cut that lost its end moves to its new end, unless another cut ends there by name.
    const end = gone.has(leaf) ? keptAncestor(leaf) : leaf;
    if (end !== null && !parents.has(end) && (end === leaf || !(end in document.cutNames))) names[end] ??= name;
  }
  return { ...document, shots, cutNames: names };
}

/** What followed a shot that goes stands in its place, so that lanes keep their order. */
function withHeirsInPlace(document: ProjectDocument, gone: ReadonlySet<ShotId>): ProjectShot[] {
  const children = childrenOf(document);
  const heirsOf = (id: ShotId): ProjectShot[] => {
    const heirs: ProjectShot[] = [];
    const stack = [...(children.get(id) ?? [])].reverse();
    for (let shot = stack.pop(); shot; shot = stack.pop()) {
      if (!gone.has(shot.id)) heirs.push(shot);
      else stack.push(...[...(children.get(shot.id) ?? [])].reverse());
    }
    return heirs;
  };
  // Each run of shots that go has one that nothing gone comes before: its heirs are those of the whole run.
  const isFirst = ({ parent }: ProjectShot) => parent === null || !gone.has(parent);
  return [
    ...new Set(document.shots.flatMap((shot) => (!gone.has(shot.id) ? [shot] : isFirst(shot) ? heirsOf(shot.id) : []))),
  ];
}

function reconnect(document: ProjectDocument, { id, parent }: CommandOf<'reconnect'>): ProjectDocument {
  const shot = findShot(document, id);
  findShot(document, parent);
  const moving = new Set(subtreeOf(document, [id]));
  if (moving.has(parent))
    throw new ThroughlineError('bad-input', 'A shot cannot follow what comes after it.', 'Choose another shot.');
  if (shot.parent === parent) return document;
  const moved = document.shots.filter((other) => moving.has(other.id));
  // Last, so that it becomes a branch of its new parent and leaves that one's lane as it is.
  const shots = [
    ...document.shots.filter((other) => !moving.has(other.id)),
    ...moved.map((other) => (other.id === id ? { ...other, parent } : other)),
  ];
  const { [parent]: _, ...cutNames } = document.cutNames;
  return { ...document, shots, cutNames };
}

function moveShot(document: ProjectDocument, { id, to }: CommandOf<'move-shot'>): ProjectDocument {
  const shot = findShot(document, id);
  const target = 'before' in to ? to.before : to.after;
  if (target === id)
    throw new ThroughlineError('bad-input', 'A shot cannot be moved next to itself.', 'Choose another place.');
  // Its sounds go with it.
  const { sounds: _sounds, ...silent } = shot;
  const silenced = shot.sounds ? changeShot(document, id, () => silent) : document;
  const without = deleteShots(silenced, { type: 'delete-shots', ids: [id], mode: 'heal' });
  // Held results are of the place it had.
  const moved = { ...shot, held: null };
  return 'before' in to
    ? insertShot(without, { type: 'insert-shot', before: to.before, shot: moved })
    : addShot(without, to.after, moved);
}

function holdResults(document: ProjectDocument, { id, keys }: CommandOf<'hold-results'>): ProjectDocument {
  return changeShot(document, id, (shot) => {
    if (keys && keys.length !== shot.chunks)
      throw new ThroughlineError(
        'bad-input',
        `A shot of ${shot.chunks} chunks cannot keep ${keys.length} results.`,
        'Keep one for every chunk.',
      );
    return { ...shot, held: keys };
  });
}

function directMemory(
  document: ProjectDocument,
  id: ShotId,
  change: (memory: MemoryOverrides) => Pick<MemoryOverrides, 'pins' | 'bans'>,
): ProjectDocument {
  return changeShot(document, id, (shot) => ({ ...shot, memory: { ...shot.memory, ...change(shot.memory) } }));
}

/** @param id null: of the whole story */
function changeMemory(
  document: ProjectDocument,
  id: ShotId | null,
  change: (memory: ProjectShot['memory']) => ProjectShot['memory'],
): ProjectDocument {
  if (id === null) return { ...document, memory: change(document.memory) };
  return changeShot(document, id, (shot) => ({ ...shot, memory: change(shot.memory) }));
}

function changeShot(
  document: ProjectDocument,
  id: ShotId,
  change: (shot: ProjectShot) => ProjectShot,
): ProjectDocument {
  findShot(document, id);
  return { ...document, shots: document.shots.map((shot) => (shot.id === id ? change(shot) : shot)) };
}
