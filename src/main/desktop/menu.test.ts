import { expect, test } from 'vitest';
import { menuCommands } from '../../shared/api/desktop-bridge.ts';
import { describeMenus, type MenuAction, type MenuItem, type MenuState, menuTemplate } from './menu.ts';
import { mayOpenOutside } from './policy.ts';

const state: MenuState = {
  platform: 'linux',
  hasProject: true,
  undo: 'Delete Shot',
  redo: null,
  theme: 'dark',
  recent: ['/films/Salt & Iron.throughline', '/films/b.throughline'],
  developer: false,
};

function flat(items: readonly MenuItem[]): MenuItem[] {
  return items.flatMap((item) => (item.kind === 'menu' ? [item, ...flat(item.items)] : [item]));
}
const actions = (menus: readonly MenuItem[]) => flat(menus).filter((item) => item.kind === 'action');
const labels = (menus: readonly MenuItem[], menu: string) => {
  const found = menus.find((item) => item.kind === 'menu' && item.label === menu);
  return found?.kind === 'menu' ? found.items.flatMap((item) => ('label' in item ? [item.label] : [])) : [];
};

test('every command the page knows is in a menu, once', () => {
  for (const platform of ['linux', 'win32', 'darwin'] as const) {
    const commands = actions(describeMenus({ ...state, platform })).flatMap(({ action }) =>
      action.kind === 'command' ? [action.command] : [],
    );
    expect(commands.toSorted(), platform).toEqual([...menuCommands].toSorted());
  }
});

test('undo and redo say what they would do, and are never disabled', () => {
  const edit = labels(describeMenus(state), 'Edit');
  expect(edit.slice(0, 2)).toEqual(['Undo Delete Shot', 'Redo']);
  const redo = actions(describeMenus(state)).find(({ label }) => label === 'Redo');
  expect(redo?.enabled).toBe(true);
});

test('without a project what needs one is disabled', () => {
  const off = actions(describeMenus({ ...state, hasProject: false })).filter(({ enabled }) => enabled === false);
  expect(off.map(({ label }) => label)).toContain('Export Film…');
  expect(off.map(({ label }) => label)).not.toContain('Open…');
});

test('recent projects by name', () => {
  expect(labels(describeMenus(state), 'File')).toContain('Open Recent');
  const recent = actions(describeMenus(state)).filter(({ action }) => action.kind === 'open-recent');
  expect(recent.map(({ label }) => label)).toEqual(['Salt && Iron.throughline', 'b.throughline']);
  const none = actions(describeMenus({ ...state, recent: [] }));
  expect(none.find(({ label }) => label === 'No Recent Projects')?.enabled).toBe(false);
});

test('no key is given twice, and none is a plain letter that typing would set off', () => {
  for (const platform of ['linux', 'darwin'] as const) {
    const keys = actions(describeMenus({ ...state, platform })).flatMap(({ keys }) => keys ?? []);
    expect(new Set(keys).size).toBe(keys.length);
    for (const key of keys) expect(key).toMatch(/^(CmdOrCtrl|Cmd|Ctrl)\+/);
  }
});

test('every link of a menu may be opened', () => {
  const links = actions(describeMenus(state)).flatMap(({ action }) => (action.kind === 'link' ? [action.url] : []));
  expect(links.length).toBeGreaterThan(0);
  expect(links.every((link) => mayOpenOutside(link))).toBe(true);
});

test('macOS has its own menu first; elsewhere quitting is under File; developer tools only from source', () => {
  const mac = describeMenus({ ...state, platform: 'darwin' });
  expect(mac[0]).toMatchObject({ label: 'Throughline' });
  const roles = (menus: readonly MenuItem[]) =>
    flat(menus).flatMap((item) => (item.kind === 'role' ? [item.role] : []));
  expect(roles(describeMenus(state))).toContain('quit');
  expect(roles(describeMenus(state))).not.toContain('toggleDevTools');
  expect(roles(describeMenus({ ...state, developer: true }))).toContain('toggleDevTools');
});

test('becomes Electron’s template', () => {
  const chosen: MenuAction[] = [];
  const template = menuTemplate(describeMenus(state), (action) => chosen.push(action));
  const theme = template
    .find(({ label }) => label === 'View')
    ?.submenu?.find(({ label }) => label === 'Theme')?.submenu;
  expect(theme).toMatchObject([
    { label: 'Dark', type: 'radio', checked: true },
    { label: 'Light', type: 'radio', checked: false },
    { label: 'As the System', type: 'radio', checked: false },
  ]);
  theme?.[1]?.click?.();
  expect(chosen).toEqual([{ kind: 'theme', theme: 'light' }]);
});
