import { expect, it } from 'vitest';
import { footageLimits, mostGiven } from '../../shared/footage.ts';
import { packListBytes, packPrefixBytes, readPackList } from '../../shared/footage-pack.ts';
import { whyNoFootage } from './footage-bar.tsx';
import { pickedFootage } from './footage-files.ts';

const png = (name: string, size = 3): File => new File([new Uint8Array(size)], name, { type: 'image/png' });
const film = (name: string): File => new File(['film'], name, { type: 'video/mp4' });

it('a film goes as it is, and PNG frames as one body in the order of their numbers, as many as are looked at', async () => {
  const clip = film('clip.mp4');
  expect(pickedFootage([clip], 9)).toEqual({ name: 'clip.mp4', body: clip });
  const picked = pickedFootage([png('f10.png'), png('f2.png', 5), png('f1.png', 4)], 2);
  if (!('body' in picked)) return expect.unreachable();
  expect(picked.name).toBe('f1.png to f2.png');
  const bytes = new Uint8Array(await picked.body.arrayBuffer());
  const length = packListBytes(bytes) as number;
  expect(readPackList(bytes.subarray(packPrefixBytes, packPrefixBytes + length))).toEqual([
    { name: 'f1.png', bytes: 4 },
    { name: 'f2.png', bytes: 5 },
  ]);
  expect(bytes).toHaveLength(packPrefixBytes + length + 9);
});

it('what is no one clip is said', () => {
  const said = (...files: File[]): unknown => {
    const picked = pickedFootage(files, 100);
    return 'message' in picked ? picked.message : picked;
  };
  expect(said()).toBe('No file was picked.');
  expect(said(film('a.mp4'), film('b.mp4'))).toBe('2 files are no one clip.');
  expect(said(png('a.png'), film('b.mp4'))).toBe('"b.mp4" is no PNG frame.');
  const many = Array.from({ length: footageLimits.pictures + 1 }, (_, i) => png(`${i}.png`, 1));
  expect(said(...many)).toBe('2,001 frames are too many: footage has up to 2,000.');
  const large = Object.defineProperty(film('large.mp4'), 'size', { value: footageLimits.sizeBytes + 1 });
  expect(said(large)).toBe('"large.mp4" is larger than 1 GB.');
  const heavy = Object.defineProperty(png('heavy.png'), 'size', { value: 2 ** 26 });
  expect(said(heavy)).toBe('"heavy.png" is larger than 32 MB.');
});

it('one chunk at least is left to be made, and no more is given than the clip fills', () => {
  const chunks = ['a', 'b', 'c'];
  expect([1, 2, 3, 9].map((film) => mostGiven({ chunks }, film))).toEqual([0, 1, 2, 3]);
});

it('who cannot see footage is told before anything is chosen', () => {
  const encoder = 'e'.repeat(64);
  expect(whyNoFootage({ encoder }, 2)).toBeNull();
  expect(whyNoFootage({ encoder: null }, 2)).toContain('no encoder');
  expect(whyNoFootage({ encoder }, 1)).toContain('one chunk long');
});
