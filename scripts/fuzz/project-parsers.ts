import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeKv, kvBytes } from '../../src/main/persistence/index.ts';
import { ProjectFile } from '../../src/main/persistence/project-file.ts';
import { RecentProjects } from '../../src/main/studio/project/recent-projects.ts';
import { SettingsStore } from '../../src/main/studio/settings/settings-store.ts';
import { contract } from '../../src/shared/api/contract.ts';
import { ThroughlineError } from '../../src/shared/errors.ts';
import { applyCommand, emptyDocument } from '../../src/shared/project/apply-command.ts';
import { requireWithinLimits } from '../../src/shared/project/check-limits.ts';
import { commandSchema } from '../../src/shared/project/commands.ts';
import type { ProjectDocument, ProjectShot } from '../../src/shared/project/document.ts';
import { readDocument } from '../../src/shared/project/document-versions.ts';
import { cutsOf } from '../../src/shared/project/tree.ts';
import { jsonBytes, type Parser, textOf } from './parser.ts';

const shot = (id: string, parent: string | null, more: Partial<ProjectShot> = {}): ProjectShot => ({
  id,
  parent,
  name: '',
  prompt: `The cat ${id} waves.`,
  chunks: 2,
  seed: 7,
  seedLocked: false,
  transition: 'automatic',
  memory: {},
  held: null,
  ...more,
});

function sampleDocument(): ProjectDocument {
  const shots = [
    shot('shot-1', null, { memory: { policy: 'nam', pins: [{ frame: 3, name: 'Cat' }], bans: [5] } }),
    shot('shot-2', 'shot-1', { transition: 'cut', name: 'Two' }),
    shot('shot-3', 'shot-2', { held: ['0'.repeat(64), 'f'.repeat(64)] }),
    shot('shot-4', 'shot-1', {
      fields: { scene: 'INT. A - DAY', number: '12A', dialogue: 'CAT: Meow.' },
      origin: { file: 'a.fountain', story: 0, index: 1.5, parts: { prompt: '1a', chunks: '2b' } },
    }),
  ];
  return { ...emptyDocument('Sample'), shots, cutNames: { 'shot-4': 'Other end' } };
}

const commands = [
  { type: 'add-shot', parent: 'shot-3', shot: shot('shot-5', null) },
  { type: 'insert-shot', before: 'shot-2', shot: shot('shot-6', null) },
  { type: 'edit-shot', id: 'shot-2', patch: { prompt: 'A dog.', chunks: 3, memory: { bans: [1] } } },
  { type: 'edit-shot', id: 'shot-4', patch: { fields: { notes: 'n' }, origin: null } },
  { type: 'split-shot', id: 'shot-2', at: 1, restId: 'shot-7' },
  { type: 'branch', id: 'shot-1', at: 1, restId: 'shot-8', shot: shot('shot-9', null) },
  { type: 'delete-shots', ids: ['shot-2'], mode: 'heal' },
  { type: 'reconnect', id: 'shot-3', parent: 'shot-4' },
  { type: 'move-shot', id: 'shot-2', to: { after: 'shot-4' } },
  { type: 'paste-shots', after: 'shot-4', shots: [shot('shot-a', null), shot('shot-b', 'shot-a')] },
  { type: 'hold-results', id: 'shot-1', keys: ['0'.repeat(64), '1'.repeat(64)] },
  { type: 'pick-take', id: 'shot-1', prompt: 'A fox.', seed: 9 },
  { type: 'pin-frame', shotId: 'shot-1', frame: 4, name: 'Fox' },
  { type: 'unpin-frame', shotId: 'shot-1', frame: 3 },
  { type: 'ban-frame', shotId: 'shot-1', frame: 3 },
  { type: 'unban-frame', shotId: 'shot-1', frame: 5 },
  { type: 'name-cut', leaf: 'shot-3', name: 'Main end' },
  { type: 'edit-project', title: 'Other', memory: { policy: 'sink' } },
];

/** As the studio does: what is saved opens again and is the same. */
function applyAll(input: Uint8Array): void {
  const value = parsedJson(input);
  let document = sampleDocument();
  for (const candidate of Array.isArray(value) ? value : [value]) {
    const command = commandSchema.safeParse(candidate);
    if (!command.success) continue;
    try {
      const next = applyCommand(document, command.data);
      requireWithinLimits(document, next);
      document = next;
    } catch (error) {
      if (!(error instanceof ThroughlineError)) throw error;
    }
  }
  const text = JSON.stringify(document);
  const read = readDocument(text);
  if (read.mended.length > 0) throw new Error(`commands made a document that had to be mended: ${read.mended[0]}`);
  if (JSON.stringify(read.value) !== text) throw new Error('a saved document opens as another one');
  cutsOf(document);
}

function parsedJson(input: Uint8Array): unknown {
  try {
    return JSON.parse(textOf(input));
  } catch {
    return null;
  }
}

/** Every input schema of the API, by its path. */
function inputSchemas(): [path: string, validate: (value: unknown) => unknown][] {
  const found: [string, (value: unknown) => unknown][] = [];
  const walk = (node: object, path: string) => {
    const definition = (node as { '~orpc'?: { inputSchema?: { '~standard': { validate(value: unknown): unknown } } } })[
      '~orpc'
    ];
    if (definition) {
      const { inputSchema } = definition;
      if (inputSchema) found.push([path, (value) => inputSchema['~standard'].validate(value)]);
      return;
    }
    for (const [name, inside] of Object.entries(node)) {
      if (inside !== null && typeof inside === 'object') walk(inside, path === '' ? name : `${path}.${name}`);
    }
  };
  walk(contract, '');
  return found;
}

const goodInputs = [
  { commands, gesture: null },
  { name: 'x.txt', text: 'A cat.', encoding: 'utf-8', leaveOut: ['1.1.1'], chunksPerPrompt: 4 },
  { file: '/tmp/a.throughline', title: 'A' },
  { shotIds: ['shot-1'] },
  { key: '0'.repeat(64) },
  { target: { kind: 'cut', leaf: 'shot-1' }, file: null, height: 720 },
  { modelFolder: null, device: 'cpu', threads: 2, kvStorage: 'fp16', cacheBudgetBytes: 2 ** 30, theme: 'dark' },
  { jobIds: ['a', 'b'] },
  { prompt: 'A cat.' },
  { purpose: 'open-project', suggestion: 'a' },
];

const kvStorages = ['fp32', 'fp16', 'int8'] as const;
let projectBytes: Promise<Uint8Array> | null = null;

async function makeProject(): Promise<Uint8Array> {
  const folder = join(process.env.TMPDIR ?? '/tmp', `throughline-fuzz-project-${process.pid}-${Date.now()}`);
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'a.throughline');
  const project = await ProjectFile.open(file, JSON.stringify(sampleDocument()));
  project.contents();
  project.close();
  const bytes = new Uint8Array(readFileSync(file));
  rmSync(folder, { recursive: true, force: true });
  return bytes;
}

export const projectParsers: readonly Parser[] = [
  {
    name: 'project-document',
    kind: 'json',
    corpus: () => [jsonBytes(sampleDocument())],
    words: ['"parent":', '"shot-1"', '"version":', 'null', '{', '}', '[', ']'],
    read: (input) => {
      const { value } = readDocument(textOf(input));
      cutsOf(value);
    },
  },
  { name: 'commands', kind: 'json', corpus: () => [jsonBytes(commands), ...commands.map(jsonBytes)], read: applyAll },
  {
    name: 'api-inputs',
    kind: 'json',
    corpus: () => goodInputs.map(jsonBytes),
    read: async (input) => {
      const value = parsedJson(input);
      for (const [, validate] of inputSchemas()) await validate(value);
    },
  },
  {
    name: 'settings',
    kind: 'json',
    corpus: () => [
      jsonBytes({ modelFolder: null, device: 'cpu', threads: 4, kvStorage: 'fp16', cacheBudgetBytes: 2 ** 32 }),
    ],
    read: (input, folder) => {
      writeFileSync(join(folder, 'settings.json'), input);
      new SettingsStore(folder).update({ theme: 'light' });
    },
  },
  {
    name: 'recent-projects',
    kind: 'json',
    corpus: () => [jsonBytes([{ file: '/tmp/a.throughline', title: 'A', openedAt: '2026-11-28T00:00:00Z' }])],
    read: (input, folder) => {
      writeFileSync(join(folder, 'recent.json'), input);
      const recent = new RecentProjects(folder);
      recent.list();
      recent.remember('/tmp/b.throughline', 'B');
    },
  },
  {
    name: 'kv-codec',
    kind: 'bytes',
    corpus: () => kvStorages.map((storage) => new Uint8Array(kvBytes(6, 8, storage)).fill(0x3c)),
    read: (input) => {
      for (const storage of kvStorages) {
        for (const rowLength of [1, 8]) {
          try {
            const values = decodeKv(input, rowLength, storage);
            if (values.length % rowLength !== 0) throw new Error(`${values.length} values in rows of ${rowLength}`);
          } catch (error) {
            if (!(error instanceof ThroughlineError)) throw error;
          }
        }
      }
    },
  },
  {
    name: 'project-file',
    kind: 'bytes',
    corpus: async () => {
      projectBytes ??= makeProject();
      return [await projectBytes];
    },
    read: async (input, folder) => {
      const file = join(folder, 'a.throughline');
      for (const ending of ['', '-wal', '-shm', '-journal']) rmSync(`${file}${ending}`, { force: true });
      writeFileSync(file, input);
      const project = await ProjectFile.open(file, null);
      try {
        const { data } = project.contents();
        readDocument(data, file);
      } finally {
        project.close();
      }
    },
  },
];
