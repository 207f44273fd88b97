import { expect, test } from 'vitest';
import { planEdit } from '../../../shared/edit/edit-plan.ts';
import { registerFonts } from '../pictures/fonts.ts';
import { createStage, type Fit } from '../pictures/stage.ts';
import { BurnIn } from './burn-in.ts';

const source = { width: 64, height: 48 };

/** A grey frame with everything drawn in, and where the brightest pixels lie: `[x, y]`. */
function drawn(aspect: '16:9' | '9:16', fit: Fit) {
  registerFonts();
  const fields = { scene: 'INT. HOUSE', dialogue: 'MIA: Hello' };
  const plan = planEdit([{ title: 'Shot', prompt: 'A cat.', fields, frameCount: 24, headFrames: 0, tailFrames: 0 }], {
    title: 'Film',
    size: source,
    modelFps: 24,
    fps: 24,
  });
  const stage = createStage({ source, height: 720, aspect, fit });
  stage.show(new Uint8Array(64 * 48 * 3).fill(90));
  new BurnIn(plan, ['scene', 'shot', 'timecode', 'dialogue']).draw(stage, 0, 0);
  const rgb = stage.rgb();
  const white: [number, number][] = [];
  for (let i = 0; i < rgb.length; i += 3) {
    if ((rgb[i] as number) > 200) white.push([(i / 3) % stage.size.width, Math.floor(i / 3 / stage.size.width)]);
  }
  return { ...stage, white };
}

test.each([
  ['16:9', 'letterbox'],
  ['9:16', 'letterbox'],
  ['16:9', 'crop'],
] as const)('at %s, %s: what is drawn in lies over the picture, never over the bars', (aspect, fit) => {
  const { picture, size, white } = drawn(aspect, fit);
  expect(white.length).toBeGreaterThan(100);
  for (const [x, y] of white) {
    expect(x).toBeGreaterThanOrEqual(picture.x);
    expect(x).toBeLessThan(picture.x + picture.width);
    expect(y).toBeGreaterThanOrEqual(picture.y);
    expect(y).toBeLessThan(picture.y + picture.height);
  }
  const bars = size.width * size.height - picture.width * picture.height;
  expect(bars > 0).toBe(fit === 'letterbox');
});
