import { describe, expect, it } from 'vitest';
import { chapterBox, insertIntoUserData, parseChapters } from './chapters.ts';

const box = (type: string, ...parts: Uint8Array[]) => {
  const payload = Buffer.concat(parts);
  const header = Buffer.alloc(8);
  header.writeUInt32BE(8 + payload.length, 0);
  header.write(type, 4, 'latin1');
  return Buffer.concat([header, payload]);
};

describe('chapters', () => {
  it('read back as they were written', () => {
    const chapters = [
      { title: 'A fox in the snow', startSec: 0 },
      { title: 'Zurück nach Hause 🦊', startSec: 12.5 },
    ];
    expect(parseChapters(chapterBox(chapters).subarray(8))).toEqual(chapters);
  });

  it('cut long titles at a character', () => {
    const [chapter] = parseChapters(chapterBox([{ title: 'ü'.repeat(300), startSec: 0 }]).subarray(8));
    expect(chapter?.title).toBe('ü'.repeat(127));
  });

  it('go into moov/udta and take their room from the free box behind it', () => {
    const file = Buffer.concat([
      box('ftyp'),
      box('moov', box('trak'), box('udta', box('meta'))),
      box('free', Buffer.alloc(100)),
      box('mdat', Buffer.from('pictures')),
    ]);
    const before = file.indexOf('pictures');
    const added = chapterBox([{ title: 'One', startSec: 1 }]);
    expect(insertIntoUserData(file, added)).toBe(true);
    expect(file.indexOf('pictures')).toBe(before);
    expect(file.readUInt32BE(8)).toBe(8 + 8 + 16 + added.length);
    expect(file.readUInt32BE(file.indexOf('free') - 4)).toBe(108 - added.length);
  });

  it('stay out where there is no room', () => {
    const file = Buffer.concat([box('ftyp'), box('moov', box('udta')), box('free', Buffer.alloc(4)), box('mdat')]);
    const before = Buffer.from(file);
    expect(insertIntoUserData(file, chapterBox([{ title: 'One', startSec: 1 }]))).toBe(false);
    expect(file).toEqual(before);
  });
});
