import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { FileSource } from '../../src/main/engine/checkpoints/byte-source.ts';
import { dataOffset, readZip } from '../../src/main/engine/checkpoints/containers/zip.ts';
import { zipOfFolder } from '../../src/main/server/folder-zip.ts';

/** A folder as an export writes it, with names that every system must unpack. */
function exported(): { readonly folder: string; readonly files: Readonly<Record<string, string>> } {
  const parent = mkdtempSync(join(tmpdir(), 'throughline-zip-'));
  onTestFinished(() => rmSync(parent, { recursive: true, force: true }));
  const folder = join(parent, 'Stills of 猫 & Bär');
  mkdirSync(join(folder, 'not ours'), { recursive: true });
  const files = { '001 Mia 🐻.png': 'one'.repeat(50_000), '002 Город.png': 'two', '003 empty.png': '' };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return { folder, files };
}

test('a folder is read back file by file, as large as it was said to be', async () => {
  const { folder, files } = exported();
  const zip = await zipOfFolder(folder);
  const bytes = await buffer(zip.stream());
  expect(bytes.length).toBe(zip.sizeBytes);
  const path = `${folder}.zip`;
  writeFileSync(path, bytes);
  const source = FileSource.open(path);
  const entries = readZip(source);
  expect([...entries.keys()]).toEqual(Object.keys(files).map((name) => `Stills of 猫 & Bär/${name}`));
  for (const [name, text] of Object.entries(files)) {
    const entry = entries.get(`Stills of 猫 & Bär/${name}`);
    if (!entry) throw new Error(`${name} is not there`);
    const start = dataOffset(source, entry);
    expect(
      readFileSync(path)
        .subarray(start, start + entry.sizeBytes)
        .toString(),
    ).toBe(text);
  }
  source.dispose();
});

test.skipIf(!hasUnzip())('another program finds nothing wrong with it', async () => {
  const { folder, files } = exported();
  writeFileSync(`${folder}.zip`, await buffer((await zipOfFolder(folder)).stream()));
  const said = execFileSync('unzip', ['-t', `${folder}.zip`], {
    env: { ...process.env, LC_ALL: 'C.UTF-8' },
  }).toString();
  expect(said.match(/OK/g)).toHaveLength(Object.keys(files).length);
});

function hasUnzip(): boolean {
  try {
    execFileSync('unzip', ['-v'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
