import { readySample } from '../../src/main/studio/project/sample-project.ts';
import { appFolders } from '../../src/main/studio/settings/app-folders.ts';
import { Host, temporaryHome } from './support/host.ts';
import { expect, keysOf, test } from './support/test.ts';

test('the sample project was made with the model that is shipped, and plays at once', async ({ page, context }) => {
  const { sampleProjectFolder, modelFolder } = appFolders();
  expect(await readySample(sampleProjectFolder, modelFolder), 'out of date: npm run make:sample').not.toBeNull();
  const { home, remove } = temporaryHome();
  const host = await Host.start({ home, model: null });
  const connection = await host.enter();
  await connection.until(({ project, model }) => project !== null && model !== null, 'the first run opens it');
  const { known } = connection;
  const shots = known.project?.document.shots ?? [];
  expect(shots.length).toBeGreaterThan(8);
  for (const { id } of shots) expect(keysOf(connection, id).filter((key) => !known.chunks.has(key ?? ''))).toEqual([]);
  expect([known.jobs.length, known.project?.undo]).toEqual([0, null]);
  await context.addCookies([connection.cookie]);
  await page.goto(host.origin);
  await expect(page.getByText(/all fresh/).first()).toBeVisible();
  connection.close();
  await host.stop();
  remove();
});
