import { Fountain } from 'fountain-js';
import { parseSync } from 'subtitle';
import { describe, expect, it } from 'vitest';
import { oddName, samplePlan } from '../../../../tests/fakes/edit-plans.ts';
import { writeFountain } from './fountain.ts';
import { cuesOf, writeSrt } from './subtitles.ts';

describe('SRT', () => {
  it('is read back by another parser, in time and whole', () => {
    const cues = parseSync(writeSrt(samplePlan())).flatMap((node) => (node.type === 'cue' ? [node.data] : []));
    expect(cues.map(({ text }) => text)).toEqual([
      'MIA: Hello there!',
      'BÄR: 你好',
      'A very long line that a person could not\nread on one screen, as it has so many',
      'words.',
    ]);
    expect([cues[0]?.start, cues[1]?.end]).toEqual([0, 2625]);
    expect([cues[2]?.start, cues[3]?.end]).toEqual([2625, 4125]);
  });

  it('leaves no gap and no overlap within a shot', () => {
    const [first, second] = cuesOf(samplePlan());
    expect(second?.startSec).toBe(first?.endSec);
  });
});

describe('Fountain', () => {
  const { tokens } = new Fountain().parse(writeFountain(samplePlan()), true);
  const texts = (type: string) => (tokens ?? []).filter((token) => token.type === type).map(({ text }) => text);

  it('is read back by another parser', () => {
    expect(texts('title')).toEqual([`The film: ${oddName}`]);
    expect(texts('scene_heading')).toEqual(['EXT. MEADOW - DAY', 'INT. CITY - NIGHT']);
    expect(texts('character')).toEqual(['MIA', 'BÄR']);
    expect(texts('dialogue')).toEqual(expect.arrayContaining(['Hello there!', '你好']));
    expect(texts('action')).toContain('The cat waves.');
  });
});
