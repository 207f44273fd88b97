import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { documentsFolder } from './app-folders.ts';

test.skipIf(process.platform !== 'linux')(
  'documents are where the desktop says, and never everything a person has',
  () => {
    const home = mkdtempSync(join(tmpdir(), 'throughline-home-'));
    onTestFinished(() => rmSync(home, { recursive: true }));
    const env = {};
    const say = (line: string) => writeFileSync(join(home, '.config/user-dirs.dirs'), `# comment\n${line}\n`);
    expect(documentsFolder(home, env)).toBeNull();
    for (const name of ['.config', 'Documents', 'Dokumente']) mkdirSync(join(home, name));
    expect(documentsFolder(home, env)).toBe(join(home, 'Documents'));
    say('XDG_DOCUMENTS_DIR="$HOME/Dokumente"');
    expect(documentsFolder(home, env)).toBe(join(home, 'Dokumente'));
    // A desktop without such a folder names the home folder instead.
    say('XDG_DOCUMENTS_DIR="$HOME/"');
    expect(documentsFolder(home, env)).toBeNull();
    say('XDG_DOCUMENTS_DIR="relative"');
    expect(documentsFolder(home, env)).toBe(join(home, 'Documents'));
  },
);
