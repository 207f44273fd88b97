import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { FakeElectron } from '../../../tests/fakes/fake-electron.ts';
import { chooseFile, suggestedName } from './dialogs.ts';
import { webPreferences } from './guards.ts';

const documents = resolve('/home/anna/Documents');

function fake(chosenFile: string | null) {
  const electron = new FakeElectron();
  electron.chosenFile = chosenFile;
  const window = electron.createWindow({
    title: '',
    show: false,
    minWidth: 1,
    minHeight: 1,
    backgroundColor: '#000000',
    webPreferences: webPreferences('/preload.cjs'),
  });
  return { electron, window };
}

test('saving suggests a name and adds the ending that the system left out', async () => {
  const { electron, window } = fake(resolve('/films/Salt'));
  const chosen = await chooseFile(electron.dialog, window, 'save-export', documents, 'Salt.mp4');
  expect(chosen).toBe(resolve('/films/Salt.mp4'));
  expect(electron.fileQuestions).toMatchObject([
    { defaultPath: join(documents, 'Salt.mp4'), filters: [{ extensions: ['mp4'] }] },
  ]);
});

test('opening offers projects and scripts; a model is a folder', async () => {
  const { electron, window } = fake(resolve('/films/a.throughline'));
  expect(await chooseFile(electron.dialog, window, 'open-project', documents)).toBe(resolve('/films/a.throughline'));
  await chooseFile(electron.dialog, window, 'model-folder', documents);
  expect(electron.fileQuestions).toMatchObject([
    {
      properties: ['openFile'],
      filters: [{ extensions: ['throughline', 'fountain', 'spmd', 'fdx', 'json', 'jsonl', 'txt', 'md'] }, {}, {}],
    },
    { properties: ['openDirectory'] },
  ]);
});

test('cancelled', async () => {
  const { electron, window } = fake(null);
  expect(await chooseFile(electron.dialog, window, 'open-script', documents)).toBeNull();
  expect(await chooseFile(electron.dialog, window, 'save-project', documents)).toBeNull();
});

test('a page suggests a name, never a folder', () => {
  expect(suggestedName('../../etc/passwd')).toBe('passwd');
  expect(suggestedName('C:\\Windows\\system.ini')).toBe('system.ini');
  expect(suggestedName('a/..')).toBe('');
  expect(suggestedName('What? A *film*\u0000: part 1')).toBe('What  A  film    part 1');
});
