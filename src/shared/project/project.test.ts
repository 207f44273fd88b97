import { describe, expect, it } from 'vitest';
import { fakeMemory } from '../../../tests/fakes/memory-settings.ts';
import type { Job, QueueState } from '../api/types.ts';
import type { PlanningModel } from '../recipes.ts';
import { applyCommand, emptyDocument } from './apply-command.ts';
import { type Command, commandSchema } from './commands.ts';
import { describeCommand } from './describe-commands.ts';
import { type ProjectDocument, type ProjectShot, projectDocumentSchema, type Take } from './document.ts';
import { layoutGraph } from './layout.ts';
import { planProject } from './plan.ts';
import { jobsByShot, resultsOf, shotStatus } from './status.ts';
import { cutsOf, pathTo, shotsById, storyOfCut, subtreeOf } from './tree.ts';

const model: PlanningModel = {
  digest: 'd'.repeat(64),
  numericsVersion: 1,
  video: { width: 160, height: 96, fps: 8 },
  kvStorage: 'fp16',
  chunkFrames: 3,
  sampler: { kind: 'renoise', steps: [1000, 500] },
  memory: { ...fakeMemory, policy: 'nam' },
};

const shot = (id: string, prompt = `prompt of ${id}`, chunks = 2): ProjectShot => ({
  id,
  parent: null,
  name: '',
  prompt,
  chunks,
  seed: 1,
  seedLocked: false,
  transition: 'continue',
  memory: {},
  held: null,
});
const run = (document: ProjectDocument, ...commands: Command[]): ProjectDocument =>
  commands.reduce((current, command) => {
    const next = applyCommand(current, commandSchema.parse(command));
    expect(projectDocumentSchema.safeParse(next).success).toBe(true);
    return next;
  }, document);

/** shot-a - shot-b - shot-c */
const line = run(
  emptyDocument('Film'),
  { type: 'add-shot', parent: null, shot: shot('shot-a') },
  { type: 'add-shot', parent: 'shot-a', shot: shot('shot-b', 'prompt of shot-b', 3) },
  { type: 'add-shot', parent: 'shot-b', shot: shot('shot-c') },
);
const keysOf = (document: ProjectDocument, id: string): string[] =>
  planProject(document, model)
    .chunksOf(id)
    .map(({ key }) => key);
const idle: QueueState = { paused: false, jobs: [] };

describe('commands', () => {
  it('a shot inserted on an edge pushes back what follows', () => {
    const next = run(line, { type: 'insert-shot', before: 'shot-b', shot: shot('shot-x') });
    expect(pathTo(next, 'shot-c').map(({ id }) => id)).toEqual(['shot-a', 'shot-x', 'shot-b', 'shot-c']);
  });

  it('splitting a shot keeps every key', () => {
    const next = run(line, { type: 'split-shot', id: 'shot-b', at: 1, restId: 'shot-b2' });
    expect([...keysOf(next, 'shot-b'), ...keysOf(next, 'shot-b2')]).toEqual(keysOf(line, 'shot-b'));
    expect(keysOf(next, 'shot-c')).toEqual(keysOf(line, 'shot-c'));
  });

  it('splitting keeps keys where the shot directs memory and is held', () => {
    const directed = run(
      line,
      { type: 'pin-frame', shotId: 'shot-b', frame: 0, name: 'hero' },
      { type: 'hold-results', id: 'shot-b', keys: ['a', 'b', 'c'].map((letter) => letter.repeat(64)) },
    );
    const next = run(directed, { type: 'split-shot', id: 'shot-b', at: 2, restId: 'shot-b2' });
    expect([...keysOf(next, 'shot-b'), ...keysOf(next, 'shot-b2')]).toEqual(keysOf(directed, 'shot-b'));
    expect(next.shots.find(({ id }) => id === 'shot-b2')?.held).toEqual(['c'.repeat(64)]);
  });

  it('a branch shares everything before it and nothing after', () => {
    const next = run(line, { type: 'branch', id: 'shot-b', at: 1, restId: 'shot-b2', shot: shot('shot-y') });
    expect(cutsOf(next).map(({ shots }) => shots.map(({ id }) => id))).toEqual([
      ['shot-a', 'shot-b', 'shot-b2', 'shot-c'],
      ['shot-a', 'shot-b', 'shot-y'],
    ]);
    expect(keysOf(next, 'shot-b')).toEqual(keysOf(line, 'shot-b').slice(0, 1));
    expect(keysOf(next, 'shot-y')).not.toContain(keysOf(next, 'shot-b2')[0]);
  });

  it('deleting heals the path or takes what follows along', () => {
    expect(
      pathTo(run(line, { type: 'delete-shots', ids: ['shot-b'], mode: 'heal' }), 'shot-c').map(({ id }) => id),
    ).toEqual(['shot-a', 'shot-c']);
    expect(run(line, { type: 'delete-shots', ids: ['shot-b'], mode: 'subtree' }).shots.map(({ id }) => id)).toEqual([
      'shot-a',
    ]);
    expect(subtreeOf(line, ['shot-b'])).toEqual(['shot-b', 'shot-c']);
  });

  it('the name of a cut follows its end', () => {
    const named = run(line, { type: 'name-cut', leaf: 'shot-c', name: 'Happy end' });
    const longer = run(named, { type: 'add-shot', parent: 'shot-c', shot: shot('shot-d') });
    expect(cutsOf(longer)[0]?.name).toBe('Happy end');
    expect(cutsOf(run(longer, { type: 'delete-shots', ids: ['shot-d'], mode: 'heal' }))[0]?.name).toBe('Happy end');
    expect(() => applyCommand(longer, { type: 'name-cut', leaf: 'shot-a', name: 'x' })).toThrow(/last shot of a cut/);
  });

  it('a shot is reconnected with all that follows it, to anything but that', () => {
    const branched = run(line, { type: 'add-shot', parent: 'shot-a', shot: shot('shot-d') });
    const next = run(branched, { type: 'reconnect', id: 'shot-b', parent: 'shot-d' });
    expect(pathTo(next, 'shot-c').map(({ id }) => id)).toEqual(['shot-a', 'shot-d', 'shot-b', 'shot-c']);
    expect(cutsOf(next).map(({ leaf }) => leaf)).toEqual(['shot-c']);
    const back = run(next, { type: 'reconnect', id: 'shot-b', parent: 'shot-a' });
    expect(keysOf(back, 'shot-c')).toEqual(keysOf(line, 'shot-c'));
    for (const parent of ['shot-b', 'shot-c'])
      expect(() => applyCommand(line, { type: 'reconnect', id: 'shot-b', parent })).toThrow(/comes after it/);
    expect(applyCommand(line, { type: 'reconnect', id: 'shot-b', parent: 'shot-a' })).toBe(line);
  });

  it('pasted shots keep their order among themselves', () => {
    const next = run(line, {
      type: 'paste-shots',
      after: 'shot-c',
      shots: [shot('copy-1'), { ...shot('copy-2'), parent: 'copy-1' }],
    });
    expect(
      pathTo(next, 'copy-2')
        .map(({ id }) => id)
        .slice(-3),
    ).toEqual(['shot-c', 'copy-1', 'copy-2']);
    expect(() =>
      applyCommand(line, {
        type: 'paste-shots',
        after: null,
        shots: [{ ...shot('copy-2'), parent: 'copy-1' }, shot('copy-1')],
      }),
    ).toThrow(/story order/);
  });

  it('pins and bans of a frame exclude each other', () => {
    const pinned = run(
      line,
      { type: 'ban-frame', shotId: 'shot-b', frame: 3 },
      { type: 'pin-frame', shotId: 'shot-b', frame: 3, name: 'cat' },
    );
    expect(pinned.shots[1]?.memory).toEqual({ pins: [{ frame: 3, name: 'cat' }], bans: [] });
    expect(run(pinned, { type: 'ban-frame', shotId: 'shot-b', frame: 3 }).shots[1]?.memory).toEqual({
      pins: [],
      bans: [3],
    });
    expect(run(pinned, { type: 'unpin-frame', shotId: 'shot-b', frame: 3 }).shots[1]?.memory.pins).toEqual([]);
  });

  it('another length lets held results go', () => {
    const held = run(line, { type: 'hold-results', id: 'shot-a', keys: ['a'.repeat(64), 'b'.repeat(64)] });
    expect(run(held, { type: 'edit-shot', id: 'shot-a', patch: { chunks: 3 } }).shots[0]?.held).toBeNull();
    expect(() => applyCommand(line, { type: 'hold-results', id: 'shot-a', keys: ['a'.repeat(64)] })).toThrow(
      /2 chunks cannot keep 1/,
    );
  });

  it.each<[string, Command]>([
    ['no such shot', { type: 'edit-shot', id: 'nowhere', patch: {} }],
    ['id taken', { type: 'add-shot', parent: null, shot: shot('shot-a') }],
    ['split at its end', { type: 'split-shot', id: 'shot-a', at: 2, restId: 'shot-z' }],
  ])('refuses: %s', (_, command) => {
    expect(() => applyCommand(line, command)).toThrow(expect.objectContaining({ code: 'bad-input' }));
  });

  it('says what undo would do', () => {
    expect(describeCommand(line, { type: 'edit-shot', id: 'shot-a', patch: { prompt: 'x', seed: 2 } })).toBe(
      'change the prompt and the seed of "prompt of shot-a"',
    );
  });
});

describe('keys', () => {
  it('a change makes what follows stale, and undoing it makes it fresh again', () => {
    const edited = run(line, { type: 'edit-shot', id: 'shot-b', patch: { prompt: 'another' } });
    expect(keysOf(edited, 'shot-a')).toEqual(keysOf(line, 'shot-a'));
    expect(keysOf(edited, 'shot-c')).not.toEqual(keysOf(line, 'shot-c'));
    expect(
      keysOf(run(edited, { type: 'edit-shot', id: 'shot-b', patch: { prompt: 'prompt of shot-b' } }), 'shot-c'),
    ).toEqual(keysOf(line, 'shot-c'));
  });

  it('names change no key; a pin changes what follows it', () => {
    expect(keysOf(run(line, { type: 'edit-shot', id: 'shot-a', patch: { name: 'Opening' } }), 'shot-c')).toEqual(
      keysOf(line, 'shot-c'),
    );
    const pinned = run(line, { type: 'pin-frame', shotId: 'shot-b', frame: 0, name: 'hero' });
    expect(keysOf(pinned, 'shot-a')).toEqual(keysOf(line, 'shot-a'));
    expect(keysOf(pinned, 'shot-c')).not.toEqual(keysOf(line, 'shot-c'));
  });

  it('a shot without a prompt stops itself and what follows, and nothing else', () => {
    const plan = planProject(run(line, { type: 'edit-shot', id: 'shot-b', patch: { prompt: ' ' } }), model);
    expect(plan.chunksOf('shot-a')).toHaveLength(2);
    expect(plan.chunksOf('shot-c')).toEqual([]);
    expect(plan.problems.get('shot-b')?.message).toMatch(/no prompt/);
    expect(plan.firstChunkIndex('shot-c')).toBe(5);
  });

  it('a cut as a story has the same keys', async () => {
    const { planStory } = await import('../recipes.ts');
    const branched = run(line, { type: 'branch', id: 'shot-b', at: 1, restId: 'shot-b2', shot: shot('shot-y') });
    const planned = pathTo(branched, 'shot-y').flatMap(({ id }) => keysOf(branched, id));
    expect(planStory(storyOfCut(branched, 'shot-y'), model).map(({ key }) => key)).toEqual(planned);
  });
});

describe('status', () => {
  const available = (document: ProjectDocument, ids: string[]): Set<string> =>
    new Set(ids.flatMap((id) => keysOf(document, id)));
  const statusOf = (document: ProjectDocument, id: string, keys: Set<string>, takes: Take[] = [], queue = idle) =>
    shotStatus(
      document.shots.find((s) => s.id === id) as ProjectShot,
      planProject(document, model),
      keys,
      takes,
      jobsByShot(queue, shotsById(document)).get(id) ?? null,
    );
  const take = (keys: string[]): Take => ({ id: 't', shotId: 'shot-b', prompt: '', seed: 1, keys, createdAt: '' });

  it('fresh, partial, empty', () => {
    const keys = available(line, ['shot-a']);
    keys.add(keysOf(line, 'shot-b')[0] as string);
    expect(statusOf(line, 'shot-a', keys).state).toBe('fresh');
    expect(statusOf(line, 'shot-b', keys).state).toBe('partial');
    expect(statusOf(line, 'shot-c', keys).state).toBe('empty');
  });

  it('stale shows the older result; held shows what it was pinned to', () => {
    const keys = available(line, ['shot-a', 'shot-b']);
    const old = keysOf(line, 'shot-b');
    const edited = run(line, { type: 'edit-shot', id: 'shot-a', patch: { seed: 9 } });
    const stale = statusOf(edited, 'shot-b', keys, [take(old)]);
    expect(stale.state).toBe('stale');
    expect(stale.chunks.map(({ shown }) => shown)).toEqual(old);
    const held = statusOf(run(edited, { type: 'hold-results', id: 'shot-b', keys: old }), 'shot-b', keys);
    expect(held.state).toBe('held');
    expect(held.chunks.map(({ shown }) => shown)).toEqual(old);
  });

  it('both parts of a split shot keep showing its older result', () => {
    const old = keysOf(line, 'shot-b');
    const takes = new Map([['shot-b', [{ ...take(old), prompt: 'prompt of shot-b' }]]]);
    const split = run(
      line,
      { type: 'edit-shot', id: 'shot-a', patch: { seed: 9 } },
      { type: 'split-shot', id: 'shot-b', at: 1, restId: 'shot-b2' },
      { type: 'split-shot', id: 'shot-b2', at: 1, restId: 'shot-b3' },
    );
    const shown = (document: ProjectDocument, id: string) => {
      const byId = shotsById(document);
      return statusOf(document, id, new Set(old), [...resultsOf(byId.get(id) as ProjectShot, byId, takes)]).chunks.map(
        (c) => c.shown,
      );
    };
    expect(['shot-b', 'shot-b2', 'shot-b3'].map((id) => shown(split, id))).toEqual(old.map((key) => [key]));
    const another = run(split, { type: 'edit-shot', id: 'shot-b2', patch: { prompt: 'another' } });
    expect(shown(another, 'shot-b2')).toEqual([null]);
  });

  it('work on a shot goes before everything else', () => {
    const job: Job = {
      id: 'j',
      title: '',
      shotIds: ['shot-b'],
      state: 'running',
      chunksDone: 0,
      chunksTotal: 3,
      now: null,
      secondsLeft: null,
      error: null,
    };
    const queue = (change: Partial<Job>): QueueState => ({ paused: false, jobs: [{ ...job, ...change }] });
    expect(statusOf(line, 'shot-b', new Set(), [], queue({ state: 'waiting' })).state).toBe('queued');
    expect(statusOf(line, 'shot-b', new Set(), [], queue({ state: 'failed' })).state).toBe('failed');
    const now = {
      shotId: 'shot-b',
      chunkKey: keysOf(line, 'shot-b')[1] as string,
      indexInShot: 1,
      phase: { phase: 'committing' } as const,
    };
    expect(statusOf(line, 'shot-b', new Set(), [], queue({ now })).chunks.map(({ state }) => state)).toEqual([
      'missing',
      'generating',
      'missing',
    ]);
    expect(statusOf(line, 'shot-b', available(line, ['shot-b']), [], queue({ state: 'done' })).state).toBe('fresh');
    // What is made on the way to a shot waits, and is made, like the shot itself.
    const toC = (change: Partial<Job>) => queue({ shotIds: ['shot-c'], ...change });
    const state = (id: string, change: Partial<Job>, made: string[] = []) =>
      statusOf(line, id, available(line, made), [], toC(change)).state;
    expect([state('shot-a', {}, ['shot-a']), state('shot-b', {}, ['shot-a'])]).toEqual(['fresh', 'queued']);
    expect([state('shot-a', { now }), state('shot-b', { now })]).toEqual(['queued', 'generating']);
    expect([state('shot-b', { state: 'failed' }), state('shot-c', { state: 'failed' })]).toEqual(['empty', 'failed']);
    expect(state('shot-b', { state: 'done' })).toBe('empty');
  });
});

it('lays shots out to scale, branches in lanes of their own', () => {
  const branched = run(
    line,
    { type: 'branch', id: 'shot-a', at: 2, restId: 'unused-id', shot: shot('shot-y') },
    { type: 'add-shot', parent: 'shot-b', shot: shot('shot-z') },
    { type: 'add-shot', parent: null, shot: shot('shot-r') },
  );
  const { nodes, lanes, width, height } = layoutGraph(branched, { chunkSec: 1.5, pixelsPerSec: 10, laneHeight: 100 });
  const placed = Object.fromEntries(nodes.map(({ id, x, y, width: w }) => [id, [x, y, w]]));
  expect(placed).toEqual({
    'shot-a': [0, 0, 30],
    'shot-b': [30, 0, 45],
    'shot-c': [75, 0, 30],
    'shot-z': [75, 100, 30],
    'shot-y': [30, 200, 30],
    'shot-r': [0, 300, 30],
  });
  expect(lanes.map(({ leaf, y }) => [leaf, y])).toEqual([
    ['shot-c', 0],
    ['shot-z', 100],
    ['shot-y', 200],
    ['shot-r', 300],
  ]);
  expect([width, height]).toEqual([105, 400]);
});

it('plans and lays out 1,000 shots of 5 chunks without going back over what it planned', () => {
  let document = emptyDocument('long');
  const shots = Array.from({ length: 1000 }, (_, i) => ({
    ...shot(`shot-${i}`, 'p', 5),
    parent: i === 0 ? null : `shot-${i - 1}`,
  }));
  document = { ...document, shots };
  const plan = planProject(document, model);
  expect(plan.chunksOf('shot-999').at(-1)?.recipe.chunkIndex).toBe(4999);
  expect(layoutGraph(document, { chunkSec: 1.5, pixelsPerSec: 10, laneHeight: 100 }).nodes).toHaveLength(1000);
});

it('a branch that says the same as the shot before it has no older results, the rest of a split shot has', () => {
  const first = { ...shot('shot-a'), chunks: 1 };
  const take: Take = {
    ...{ id: 'take', shotId: 'shot-a', prompt: first.prompt, seed: 1, createdAt: '' },
    keys: ['a'.repeat(64), 'b'.repeat(64)],
  };
  const of = (own: Partial<ProjectShot>) => {
    const after = { ...shot('shot-b'), parent: 'shot-a', prompt: first.prompt, ...own };
    return resultsOf(after, new Map([first, after].map((made) => [made.id, made])), new Map([['shot-a', [take]]]));
  };
  expect(of({ transition: 'continue' }).map(({ keys }) => keys)).toEqual([['b'.repeat(64)]]);
  expect(of({ transition: 'automatic' })).toEqual([]);
  expect(of({ transition: 'continue', seed: 5 })).toEqual([]);
});
