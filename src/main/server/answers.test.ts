import { expect, test } from 'vitest';
import { attachment } from './answers.ts';

test.each([
  ['film.mp4', `attachment; filename="film.mp4"; filename*=UTF-8''film.mp4`],
  ['Käse "1".mp4', `attachment; filename="K_se _1_.mp4"; filename*=UTF-8''K%C3%A4se%20%221%22.mp4`],
  ["it's (1)*.mp4", `attachment; filename="it's (1)*.mp4"; filename*=UTF-8''it%27s%20%281%29%2a.mp4`],
  // Half of an emoji, as a title cut by length would end.
  ['cat \ud83d.mp4', `attachment; filename="cat _.mp4"; filename*=UTF-8''cat%20%EF%BF%BD.mp4`],
  [
    'a\r\nSet-Cookie: x.mp4',
    `attachment; filename="a__Set-Cookie: x.mp4"; filename*=UTF-8''a%0D%0ASet-Cookie%3A%20x.mp4`,
  ],
])('a film named %j can be downloaded', (name, header) => {
  expect(attachment(name)).toBe(header);
});
