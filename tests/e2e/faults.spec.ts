import { Host, temporaryHome, tinyModel } from './support/host.ts';
import { expect, expectState, shot, test, write } from './support/test.ts';

test('an engine that is killed while generating is said, started again, and the work goes on', async ({ editor }) => {
  const { page, known, until, host } = editor;
  await write(editor, [shot('one', { chunks: 40 })]);
  await page.getByRole('button', { name: 'Generate', exact: true }).click();
  await until(({ chunks }) => chunks.size >= 3, 'three chunks');
  const kept = [...known.chunks.keys()];
  const engine = host.enginePid;
  expect(engine).not.toBeNull();
  process.kill(engine ?? 0, 'SIGKILL');
  await expect(page.getByText(/It is started again/).first()).toBeVisible();
  await until(({ jobs }) => jobs[0]?.state === 'done', 'it went on to the end');
  await expectState(page, 'one', 'fresh');
  expect(host.enginePid).not.toBe(engine);
  for (const key of kept) expect(known.chunks.has(key)).toBe(true);
});

test('a host that is killed while generating loses nothing that was committed, and offers to go on', async ({
  page,
}) => {
  const { home, remove } = temporaryHome();
  const first = await Host.start({ home, model: tinyModel });
  const before = await first.enter();
  await before.api.projects.create({ title: 'Killed' });
  await before.until(({ model }) => model !== null, 'the model is loaded');
  await write(before, [shot('one', { chunks: 100 })]);
  await before.api.queue.generate({ shotIds: ['one-shot'] });
  await before.until(({ chunks }) => chunks.size >= 5, 'five chunks');
  const kept = [...before.known.chunks.keys()];
  await first.kill();
  before.close();

  const second = await Host.start({ home, model: tinyModel });
  await page.goto(second.link);
  await page.getByRole('button', { name: /Killed/ }).click();
  await expect(page.getByText('Everything that was finished is kept.').first()).toBeVisible();
  for (let i = 1; i <= kept.length; i++) {
    await expect(page.getByRole('button', { name: `Chunk ${i} of 100, fresh` })).toBeAttached();
  }
  await page.getByRole('banner').getByRole('button', { name: 'Resume' }).click();
  await expect(page.getByRole('button', { name: `Chunk ${kept.length + 2} of 100, fresh` })).toBeAttached();
  await second.stop();
  remove();
});
