import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { emptyDocument } from '../../../shared/project/apply-command.ts';
import { connect, numberPragma } from '../database.ts';
import { migrate } from '../migrations.ts';
import { ProjectFile } from '../project-file.ts';
import { projectHistory } from '../project-file-schema.ts';
import { assetPieceBytes } from './asset-schema.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'throughline-assets-'));
  file = path.join(folder, 'story.throughline');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const document = JSON.stringify(emptyDocument('Story'));
async function open(newDocument: string | null = null, at = file): Promise<ProjectFile> {
  const project = await ProjectFile.open(at, newDocument);
  onTestFinished(() => project.close());
  return project;
}

const facts = { lengthSamples: 480, channels: 1, sourceChannels: 2, sourceRate: 44_100, codec: 'pcm-s16' };
const bytesOf = (length: number, seed = 1): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => ((i + 1) * 2_654_435_761 * seed) >>> 11);
const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Begins an asset and writes its pieces. */
function write(project: ProjectFile, bytes: Uint8Array, name = 'rain.wav'): number {
  const number = project.beginAsset({ kind: 'sound', name });
  for (let at = 0; at < bytes.length; at += assetPieceBytes)
    project.appendToAsset(number, bytes.subarray(at, at + assetPieceBytes));
  return number;
}

function put(project: ProjectFile, bytes: Uint8Array, name?: string) {
  return project.finishAsset(write(project, bytes, name), { digest: digestOf(bytes), mediaType: 'audio/wav', facts });
}

test('an asset comes back byte for byte, from any place to any other', async () => {
  const project = await open(document);
  const bytes = bytesOf(2 * assetPieceBytes + 12_345);
  const asset = put(project, bytes);
  expect(asset).toEqual({
    ...{ id: digestOf(bytes), kind: 'sound', name: 'rain.wav', mediaType: 'audio/wav', sizeBytes: bytes.length },
    sound: facts,
  });
  const { id } = asset;
  for (const [start, end] of [
    [0, bytes.length],
    [assetPieceBytes - 3, assetPieceBytes + 5],
    [2 * assetPieceBytes, bytes.length + 99],
    [bytes.length + 1, bytes.length + 2],
    [7, 7],
  ] as const) {
    expect(
      Buffer.compare(project.readAsset(id, 'original', start, end) as Uint8Array, bytes.subarray(start, end)),
    ).toBe(0);
  }
  expect(project.readAsset('0'.repeat(64), 'original', 0, 1)).toBeNull();
  expect(project.readAsset(id, 'sound-48k', 0, 1)).toBeNull();
});

test('the same content is one asset, whatever it is called', async () => {
  const project = await open(document);
  const first = put(project, bytesOf(100), 'first.wav');
  expect(put(project, bytesOf(100), 'second.wav')).toEqual(first);
  expect(project.assets()).toEqual([first]);
});

test('what was not finished is not there, and its space is given back when the file is opened next', async () => {
  const project = await open(document);
  write(project, bytesOf(3000));
  expect(project.assets()).toEqual([]);
  project.close();
  (await open()).close();
  const db = connect(file);
  onTestFinished(() => void db.close());
  expect(db.prepare('SELECT count(*) FROM asset_piece').pluck().get()).toBe(0);
});

test('what was derived comes and goes with its asset', async () => {
  const project = await open(document);
  const bytes = bytesOf(500);
  const number = write(project, bytes);
  const derived = project.beginDerived(number, 'sound-48k');
  project.appendToAsset(derived, bytesOf(77, 2));
  expect(project.readUnfinished(number, 0, 500)).toEqual(bytes);
  const { id } = project.finishAsset(number, { digest: digestOf(bytes), mediaType: 'audio/wav', facts });
  expect(project.readAsset(id, 'sound-48k', 0, 1000)).toEqual(bytesOf(77, 2));
  expect(project.deleteUnusedAssets(true)).toEqual({ assets: 1, bytes: 577 });
  expect(project.assets()).toHaveLength(1);
  expect(project.deleteUnusedAssets(false)).toEqual({ assets: 1, bytes: 577 });
  expect(project.assets()).toEqual([]);
  expect(project.readAsset(id, 'sound-48k', 0, 1000)).toBeNull();
});

test('what a document, an undo step or a named version names is kept', async () => {
  const project = await open(document);
  const [inDocument, inStep, inVersion, nowhere] = [1, 2, 3, 4].map((seed) => put(project, bytesOf(50, seed)).id);
  project.saveDocument({
    ...{ data: JSON.stringify({ ...emptyDocument('Story'), names: inDocument }), number: 1, at: 1, dropAfter: null },
    ...{ put: [{ id: 1, label: 'add', gesture: null, delta: JSON.stringify({ was: inStep }) }], keepFrom: 0 },
  });
  project.addVersion('First', JSON.stringify({ names: inVersion }));
  expect(project.deleteUnusedAssets(false).assets).toBe(1);
  expect(project.assets().map(({ id }) => id)).toEqual([inDocument, inStep, inVersion]);
  expect(nowhere).toBeDefined();
});

test('a copy of a project has its assets', async () => {
  const project = await open(document);
  const bytes = bytesOf(assetPieceBytes + 1);
  const { id } = put(project, bytes);
  const copy = path.join(folder, 'copy.throughline');
  await project.copyTo(copy);
  const copied = await open(null, copy);
  expect(Buffer.compare(copied.readAsset(id, 'original', 0, bytes.length) as Uint8Array, bytes)).toBe(0);
});

test('what was altered on the disk is told, and never given out', async () => {
  const project = await open(document);
  const { id } = put(project, bytesOf(1000));
  project.close();
  const db = connect(file);
  db.prepare('UPDATE asset_piece SET data = zeroblob(length(data))').run();
  db.close();
  const opened = await open();
  expect(() => opened.readAsset(id, 'original', 0, 10)).toThrow(/part of a sound or picture was altered/);
});

test('a project of the version before, without assets, gets room for them and keeps a copy', async () => {
  const old = connect(file);
  old.pragma('auto_vacuum = INCREMENTAL');
  await migrate(old, file, { ...projectHistory, migrations: projectHistory.migrations.slice(0, 2) });
  old.prepare('INSERT INTO document VALUES (1, 0, 0, ?)').run(document);
  expect(numberPragma(old, 'user_version')).toBe(2);
  old.close();
  const project = await open();
  expect(project.contents().backup).toBe(`${file}.v2.backup`);
  expect(put(project, bytesOf(10)).sizeBytes).toBe(10);
  expect(JSON.parse(project.contents().data).title).toBe('Story');
});
