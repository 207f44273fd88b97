import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';

const messages = '[data-sonner-toaster]';

/**
 * Serious and critical violations of WCAG 2.1 AA on the page as it stands, in words; none is an empty list.
 * Messages come and go by themselves, and half faded they have no contrast: they are looked at once, held still.
 */
export async function violations(page: Page, { withMessages }: { withMessages: boolean }): Promise<string[]> {
  // Colours on their way to others have no contrast either.
  await page.evaluate(`Promise.all(
    document.getAnimations()
      .filter(({ effect }) => Number.isFinite(effect?.getComputedTiming().endTime))
      .map(({ finished }) => finished.catch(() => {})),
  ).then(() => {})`);
  const axe = new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']);
  const { violations } = await (withMessages ? axe : axe.exclude(messages)).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(
      ({ id, nodes }) =>
        `${id}: ${nodes.map(({ html, any }) => `${html.slice(0, 160)} ${any[0]?.message ?? ''}`).join('\n   ')}`,
    );
}
