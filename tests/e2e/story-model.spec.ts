import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Host, temporaryHome } from './support/host.ts';
import { expect, make, node, shot, test, write } from './support/test.ts';

test('a story made with another model says so at every opening; one press loads its model', async ({
  page,
  context,
}) => {
  const { home, remove } = temporaryHome();
  const models = (['small', 'wide'] as const).map((name) => {
    const folder = join(home, 'models', name);
    cpSync(join(import.meta.dirname, `../fixtures/reference-${name}`), folder, { recursive: true });
    const config = join(folder, 'config.json');
    writeFileSync(config, JSON.stringify({ ...JSON.parse(readFileSync(config, 'utf8')), name: `The ${name} one` }));
    return folder;
  });
  const host = await Host.start({ home, model: models[0] as string });
  const studio = await host.enter();
  const { file } = await studio.api.projects.create({ title: 'Fox' });
  await studio.until(({ project, model }) => project?.file === file && model !== null, 'the project is open');
  await write(studio, [shot('one', { chunks: 1 }), shot('two', { chunks: 1 })]);
  await make(studio, 'one');
  await studio.until(({ project }) => project?.document.model?.name === 'The small one', 'the story names its model');
  await studio.api.models.use({ id: 'wide' });
  await context.addCookies([studio.cookie]);
  await page.goto(host.origin);

  const bar = page.getByRole('region', { name: 'The story’s model' });
  const works = (name: string) =>
    expect(page.getByLabel('Made with the model').locator('option:checked')).toHaveText(name);
  await expect(bar).toContainText('Made with The small one; The wide one is in use.');
  await works('small');
  await bar.getByRole('button', { name: 'Use small' }).click();
  await expect(bar).toBeHidden();
  await make(studio, 'two');

  // The same the next time; and the other way, which is one undo step.
  await studio.api.models.use({ id: 'wide' });
  await bar.getByRole('button', { name: 'Go on with The wide one' }).click();
  await expect(bar).toBeHidden();
  await works('wide');
  await expect(page.locator('[data-shot][data-state="stale"]')).toHaveCount(2);
  await node(page, 'one').getByText('one', { exact: true }).click();
  await expect(page.getByText('Made with The small one, not with the story’s model.')).toBeVisible();
  await page.locator('[data-graph]').focus();
  await page.keyboard.press('Control+z');
  await expect(bar).toBeVisible();
  await expect(page.locator('[data-shot][data-state="fresh"]')).toHaveCount(2);

  // Gone from this machine: what is made is still there, and the bar says what is missing.
  rmSync(models[0] as string, { recursive: true });
  await page.reload();
  await expect(bar).toContainText('The small one is not among the models here');
  await expect(bar.getByRole('button', { name: /^Use/ })).toHaveCount(0);
  await expect(page.locator('[data-shot][data-state="fresh"]')).toHaveCount(2);

  // One that is published: the bar leads to it among those that can be got.
  const model = { name: 'Causal', digest: 'c'.repeat(64), builtIn: false, sources: ['zhuhz22/Causal-Forcing'] };
  await studio.api.document.apply({ commands: [{ type: 'edit-project', model }], gesture: null });
  await bar.getByRole('button', { name: 'Get Causal…' }).click();
  const wanted = page
    .getByRole('dialog', { name: 'Models' })
    .getByRole('listitem')
    .filter({ hasText: 'The story’s model' });
  await expect(wanted).toHaveCount(1);
  await expect(wanted).toContainText('From zhuhz22/Causal-Forcing.');
  await expect(wanted.getByRole('button', { name: 'Get Causal Forcing' })).toBeInViewport();
  studio.close();
  await host.stop();
  remove();
});
