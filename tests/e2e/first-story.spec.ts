import { createCanvas, loadImage } from '@napi-rs/canvas';
import type { Page } from '@playwright/test';
import { Host, temporaryHome } from './support/host.ts';
import { expect, test } from './support/test.ts';

/** Ten everyday shots in five places, as a newcomer writes them. */
const prompts = [
  'An orange cat sits in the meadow.',
  'The orange cat waves in the meadow.',
  'A blue robot walks through the city at night.',
  'Close-up of the blue robot in the city at night.',
  'The orange cat strolls along the beach at sunset.',
  'The orange cat and the blue robot stand on the beach at sunset.',
  'The orange cat and the blue robot wave on the beach at sunset.',
  'It is snowing in the forest and the orange cat stands still.',
  'The blue robot sleeps in the living room.',
  'Back in the meadow, the orange cat and the blue robot wave.',
];

/** What the cards of the second shot on say of how they begin. */
const begin = [
  'continues',
  'cut: city after meadow',
  'cut: close-up after medium shot',
  'cut: beach after city',
  'cut: blue robot',
  'continues',
  'cut: forest after beach',
  'cut: living room after forest',
  'cut: meadow after living room',
];

test('a first story of ten everyday shots is a clean film without a cut set by hand', async ({ page }, info) => {
  test.setTimeout(600_000);
  const { home, remove } = temporaryHome();
  const host = await Host.start({ home, model: null });
  await page.goto(host.link);
  await page.getByRole('button', { name: 'Menu', exact: true }).click();
  await page.getByRole('menuitem', { name: 'New story' }).click();
  await page.getByRole('button', { name: 'Write the first shot' }).click();
  const prompt = page.getByLabel('Prompt', { exact: true });
  for (const [i, text] of prompts.entries()) {
    if (i > 0) await page.keyboard.press('n');
    await expect(prompt).toBeFocused();
    await expect(prompt).toHaveValue('');
    await page.keyboard.type(text);
    await page.keyboard.press('Enter');
  }
  await page.keyboard.press('Control+Enter');
  const shots = page.locator('[data-shot]');
  await page.keyboard.press('Home');
  await expect(page.getByRole('region', { name: 'Player' }).getByText(/all fresh/)).toBeVisible({ timeout: 540_000 });
  // In a wide window the whole story is large enough for what a card says of its beginning.
  await page.setViewportSize({ width: 2560, height: 1000 });
  // A key that comes before the pane has its new size shows the story as large as it was.
  await expect(async () => {
    await page.keyboard.press('Home');
    await expect(shots.locator('[data-transition]')).toHaveText(begin, { timeout: 3000 });
  }).toPass();
  await expect(shots.locator('button[data-state=fresh] img')).toHaveCount(2 * prompts.length);

  await page.screenshot({ path: info.outputPath('first-story.png') });

  // Where every shot went on from the one before, all of them became one brown smear. Each place has its own light.
  const looks = await looksOf(page);
  expect(looks).toHaveLength(2 * prompts.length);
  for (const [i, look] of looks.entries()) {
    const shot = Math.floor(i / 2);
    const { red, green, blue } = look;
    const told = `shot ${shot + 1}: ${JSON.stringify(look)}`;
    if ([0, 1, 9].includes(shot))
      expect(green - red, told).toBeGreaterThan(0.1); // the green meadow
    else if ([2, 3].includes(shot))
      expect(red + green + blue, told).toBeLessThan(1.2); // night
    else if ([4, 5, 6].includes(shot))
      expect(red - blue, told).toBeGreaterThan(0.1); // sunset
    else if (shot === 8) expect(red, told).toBeGreaterThan(0.65); // the bright room
  }
  await host.stop();
  remove();
});

interface Look {
  /** 0..1. */
  readonly red: number;
  readonly green: number;
  readonly blue: number;
}

/** How the picture of every chunk looks, in story order. */
async function looksOf(page: Page): Promise<Look[]> {
  const images = await page.locator('[data-shot] button > img').all();
  const looks: Look[] = [];
  for (const image of images) {
    const url = new URL((await image.getAttribute('src')) ?? '', page.url());
    looks.push(await lookOf(await (await page.request.get(url.href)).body()));
  }
  return looks;
}

async function lookOf(picture: Buffer): Promise<Look> {
  const image = await loadImage(picture);
  const { width, height } = image;
  const context = createCanvas(width, height).getContext('2d');
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, width, height);
  const mean = (channel: number): number => {
    let sum = 0;
    for (let i = channel; i < data.length; i += 4) sum += data[i] as number;
    return sum / (width * height * 255);
  };
  return { red: mean(0), green: mean(1), blue: mean(2) };
}
