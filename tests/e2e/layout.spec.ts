import type { Page } from '@playwright/test';
import { expect, make, node, shot, test, write } from './support/test.ts';

/** Controls that lie outside the window or over one another, in words. Runs in the page. */
const findFaults = `(() => {
  const faults = [];
  const shown = (element) => {
    const box = element.getBoundingClientRect();
    const style = getComputedStyle(element);
    return box.width > 0 && box.height > 0 && style.visibility !== 'hidden' && Number(style.opacity) > 0.1;
  };
  const name = (element) => element.getAttribute('aria-label') || element.textContent.trim().slice(0, 40) || element.tagName;
  const controls = [...document.querySelectorAll('header button, header input, [role=toolbar] button, [role=tab], [role=dialog] button, [role=dialog] select, [role=dialog] input')].filter(shown);
  for (const control of controls) {
    const box = control.getBoundingClientRect();
    let visible = { left: 0, top: 0, right: innerWidth, bottom: innerHeight };
    let scrolls = false;
    for (let parent = control.parentElement; parent; parent = parent.parentElement) {
      const style = getComputedStyle(parent);
      if (/auto|scroll/.test(style.overflowY + style.overflowX)) scrolls = true;
      if (style.overflow === 'visible' || style.display === 'contents') continue;
      const clip = parent.getBoundingClientRect();
      visible = { left: Math.max(visible.left, clip.left), top: Math.max(visible.top, clip.top), right: Math.min(visible.right, clip.right), bottom: Math.min(visible.bottom, clip.bottom) };
    }
    const cut = box.left < visible.left - 1 || box.top < visible.top - 1 || box.right > visible.right + 1 || box.bottom > visible.bottom + 1;
    if (cut && !scrolls) faults.push('cut off: ' + name(control));
    const dialog = document.querySelector('[role=dialog]');
    if (dialog && !dialog.contains(control)) continue;
    for (const other of controls) {
      if (other === control || other.contains(control) || control.contains(other) || controls.indexOf(other) < controls.indexOf(control)) continue;
      if (dialog && !dialog.contains(other)) continue;
      const b = other.getBoundingClientRect();
      const width = Math.min(box.right, b.right) - Math.max(box.left, b.left);
      const height = Math.min(box.bottom, b.bottom) - Math.max(box.top, b.top);
      if (width > 2 && height > 2) faults.push('overlap: ' + name(control) + ' / ' + name(other));
    }
  }
  if (document.documentElement.scrollWidth > innerWidth || document.documentElement.scrollHeight > innerHeight) faults.push('the page itself scrolls');
  return faults;
})()`;

async function faults(page: Page, screen: string): Promise<string[]> {
  return ((await page.evaluate(findFaults)) as string[]).map((fault) => `${screen}: ${fault}`);
}

for (const [width, height] of [
  [1280, 720],
  [2560, 1440],
] as const) {
  test(`nothing overlaps or is cut off at ${width}x${height}`, async ({ editor }) => {
    const { page } = editor;
    await page.setViewportSize({ width, height });
    await editor.api.document.apply({
      commands: [{ type: 'edit-project', title: 'A title that goes on for rather longer than one would want' }],
      gesture: null,
    });
    await write(editor, [shot('one'), shot('two', { transition: 'cut' })]);
    await make(editor, 'two');
    await node(page, 'two').getByRole('button', { name: 'Chunk 1 of 2, fresh' }).click();
    const found: string[] = [];
    for (const tab of [/Shot/, /Memory/, /Takes/]) {
      await page.getByRole('tab', { name: tab }).click();
      found.push(...(await faults(page, String(tab))));
    }
    await editor.api.queue.newTake({ shotId: 'two-shot' });
    await editor.api.queue.pause();
    await page.keyboard.press('Control+j');
    await expect(page.getByRole('region', { name: 'Queue' })).toBeVisible();
    found.push(...(await faults(page, 'queue')));
    await editor.api.queue.resume();
    for (const keys of ['Control+,', 'Control+Shift+e', 'Control+k', '?']) {
      await page.locator('[data-graph]').focus();
      await page.keyboard.press(keys);
      await expect(page.getByRole('dialog')).toBeVisible();
      found.push(...(await faults(page, keys)));
      await page.keyboard.press('Escape');
      await expect(page.getByRole('dialog')).toBeHidden();
    }
    expect(found).toEqual([]);
  });
}
