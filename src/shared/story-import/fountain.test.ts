import { describe, expect, test } from 'vitest';
import { parseFountain } from './fountain.ts';
import { withoutEmphasis } from './fountain-emphasis.ts';
import { readScript, shotsOfStory } from './index.ts';
import { NoteList } from './notes.ts';

const options = { fileName: 'x.fountain', chunksPerPrompt: 4, fps: 8, chunkFrames: 3 };

function elements(text: string) {
  return parseFountain(text, { options, notes: new NoteList() }).elements.map(({ line: _, ...element }) => element);
}

const kinds = (text: string) => elements(text).map(({ kind }) => kind);
const lines = (...all: string[]) => all.join('\n');

describe('the elements of Fountain 1.1', () => {
  test('scene headings: every prefix, in any case, with a point or a space', () => {
    for (const prefix of ['INT.', 'EXT.', 'EST.', 'INT./EXT.', 'INT/EXT.', 'I/E.', 'int', 'Ext ', 'INT']) {
      expect(elements(lines('', `${prefix} HOUSE - DAY`, '')), prefix).toMatchObject([{ kind: 'scene-heading' }]);
    }
    expect(kinds(lines('INTERIOR OF THE HOUSE', '', 'x'))).toEqual(['action', 'action']);
  });

  test('a forced heading; three points are action; scene numbers', () => {
    expect(elements(lines('.SNIPER SCOPE POV #1-A.#', ''))).toEqual([
      { kind: 'scene-heading', text: 'SNIPER SCOPE POV', number: '1-A.' },
    ]);
    expect(kinds('...where the second one is.')).toEqual(['action']);
    expect(elements(lines('EXT. BRICK’S POOL - DAY #110A#', ''))).toEqual([
      { kind: 'scene-heading', text: 'EXT. BRICK’S POOL - DAY', number: '110A' },
    ]);
  });

  test('a heading without an empty line after it is taken as one, with a note', () => {
    const notes = new NoteList();
    const { elements: found } = parseFountain(lines('INT. KITCHEN - DAY', 'A cat sits.'), { options, notes });
    expect(found.map(({ kind, line }) => [kind, line])).toEqual([
      ['scene-heading', 1],
      ['action', 2],
    ]);
    expect(notes.finish().map(({ where }) => where)).toEqual(['line 1']);
  });

  test('action: lines of a paragraph joined, indentation off, `!` forces it', () => {
    expect(elements(lines('  The General’s men', '\tstand.', '', '!SCANNING THE AISLES...', 'Where is she?'))).toEqual([
      { kind: 'action', text: 'The General’s men stand.' },
      { kind: 'action', text: 'SCANNING THE AISLES... Where is she?' },
    ]);
  });

  test('dialogue: parentheticals, extensions in any case, lyrics, an empty line kept open by two spaces', () => {
    const text = lines(
      'MOM (on the phone)',
      '(whispering)',
      'I love you.',
      '  ',
      'Bye.',
      '~La la',
      '',
      'She hangs up.',
    );
    expect(elements(text)).toEqual([
      {
        kind: 'speech',
        name: 'MOM (on the phone)',
        dual: false,
        text: '(whispering) I love you. Bye. ♪ La la',
      },
      { kind: 'action', text: 'She hangs up.' },
    ]);
  });

  test('characters: capitals with a letter in them; `@` forces; `^` is spoken with the one before', () => {
    expect(
      elements(lines('@McCLANE', 'Yippie ki-yay!', '', 'R2D2', 'Beep.', '', 'STEEL ^', 'Screw retirement.')),
    ).toEqual([
      { kind: 'speech', name: 'McCLANE', dual: false, text: 'Yippie ki-yay!' },
      { kind: 'speech', name: 'R2D2', dual: false, text: 'Beep.' },
      { kind: 'speech', name: 'STEEL', dual: true, text: 'Screw retirement.' },
    ]);
    expect(kinds(lines('23', 'skidoo'))).toEqual(['action']);
    expect(kinds(lines('ALONE', '', 'x'))).toEqual(['action', 'action']);
    expect(elements(lines('@黒澤', 'はい'))).toMatchObject([{ kind: 'speech', name: '黒澤' }]);
  });

  test('transitions, forced and not; centred text; page breaks', () => {
    expect(elements(lines('CUT TO:', '', '> Burn to White.', '', '>THE END<', '', '===', '', 'FADE OUT.', ''))).toEqual(
      [
        { kind: 'transition', text: 'CUT TO:' },
        { kind: 'transition', text: 'Burn to White.' },
        { kind: 'centred', text: 'THE END' },
        { kind: 'page-break' },
        { kind: 'transition', text: 'FADE OUT.' },
      ],
    );
    expect(kinds(lines('He walks TO:', '', 'x'))).toEqual(['action', 'action']);
  });

  test('sections, synopses, lyrics', () => {
    expect(elements(lines('# Act', '## Sequence', '= What happens.', '', '~Willy Wonka!'))).toEqual([
      { kind: 'section', depth: 1, text: 'Act' },
      { kind: 'section', depth: 2, text: 'Sequence' },
      { kind: 'synopsis', text: 'What happens.' },
      { kind: 'lyrics', text: 'Willy Wonka!' },
    ]);
  });

  test('notes: in a line, over lines, kept open by two spaces, ended by an empty line', () => {
    expect(elements('A cat [[red?]] sits.')).toEqual([
      { kind: 'action', text: 'A cat  sits.' },
      { kind: 'note', text: 'red?' },
    ]);
    expect(elements(lines('[[one', 'two', '  ', 'three]]', '', 'A cat.'))).toEqual([
      { kind: 'note', text: 'one two three' },
      { kind: 'action', text: 'A cat.' },
    ]);
    expect(elements(lines('[[open', '', 'A cat.]]'))).toEqual([
      { kind: 'action', text: '[[open' },
      { kind: 'action', text: 'A cat.]]' },
    ]);
  });

  test('boneyards: in a line, over paragraphs; lines keep their numbers; one never closed stays text', () => {
    const notes = new NoteList();
    const text = lines('A /* no */cat.', '', '/* EXT. X', '', 'gone */', '', 'It sits.', '', 'An /* open end');
    const { elements: found } = parseFountain(text, { options, notes });
    expect(found).toEqual([
      { kind: 'action', text: 'A cat.', line: 1 },
      { kind: 'action', text: 'It sits.', line: 7 },
      { kind: 'action', text: 'An /* open end', line: 9 },
    ]);
    expect(notes.finish().map(({ where, kind }) => [where, kind])).toEqual([
      ['lines 1 and 3', 'left-out'],
      ['line 9', 'changed'],
    ]);
  });

  test('the title page: values beside and below, until the first empty line; FADE IN: is none', () => {
    const page = lines('Title:', '    _**BRICK**_', '\tPART II', 'Author: A B', '', 'FADE IN:', '', 'A cat.');
    const parsed = parseFountain(page, { options, notes: new NoteList() });
    expect(parsed.titlePage).toEqual([
      { key: 'Title', value: 'BRICK PART II' },
      { key: 'Author', value: 'A B' },
    ]);
    expect(parsed.elements.map(({ kind }) => kind)).toEqual(['transition', 'action']);
    expect(kinds(lines('FADE IN:', '', 'A cat.'))).toEqual(['transition', 'action']);
    expect(kinds(lines('A cat: it sits.', 'And sleeps.', '', 'x'))).toEqual(['action', 'action']);
  });

  test('emphasis is taken off, escapes too', () => {
    for (const [marked, plain] of [
      ['*italic* **bold** ***both*** _under_', 'italic bold both under'],
      ['_Steel’s face FILLS the *Leupold Mark 4* scope_.', 'Steel’s face FILLS the Leupold Mark 4 scope.'],
      ['Steel enters the code: **\\*9765\\***', 'Steel enters the code: *9765*'],
      ['5 * 4 and snake_case_name stay', '5 * 4 and snake_case_name stay'],
      ['He dialed *69 and then *23.', 'He dialed *69 and then *23.'],
      ['**bold *and italic***', 'bold and italic'],
    ] as const) {
      expect(withoutEmphasis(marked)).toBe(plain);
    }
  });
});

describe('what becomes of a screenplay', () => {
  const read = (text: string) => readScript(text, options);
  const shots = (text: string) => read(text).stories.flatMap(shotsOfStory);

  test('place and time of the heading before every action; CONTINUOUS keeps the time', () => {
    const text = lines(
      'INT. HOUSE - KITCHEN - NIGHT',
      '',
      'A cat sits.',
      '',
      'EXT. GARDEN - CONTINUOUS',
      '',
      'It walks.',
      '',
      'INT./EXT. Car (moving) – early morning',
      '',
      'It sleeps.',
    );
    expect(shots(text).map(({ prompt }) => prompt)).toEqual([
      'House, kitchen, night. A cat sits.',
      'Garden, night. It walks.',
      'Car (moving), early morning. It sleeps.',
    ]);
  });

  test('dialogue belongs to the shot before it; a scene that begins with it gets a shot of the place, said in a note', () => {
    const script = read(
      lines('INT. KITCHEN - DAY', '', 'CAT', 'Meow.', '', 'ROBOT (CONT’D) ^', 'Beep.', '', 'It waves.'),
    );
    expect(script.stories.flatMap(shotsOfStory).map(({ prompt, fields }) => [prompt, fields.dialogue])).toEqual([
      ['Kitchen, day.', 'CAT: Meow.\nROBOT (at the same time): Beep.'],
      ['Kitchen, day. It waves.', undefined],
    ]);
    expect(script.notes.map(({ where }) => where)).toContain('line 3');
  });

  test('a dissolve becomes a cut, said in a note; a scene without action is left out, said in a note', () => {
    const script = read(
      lines('A cat.', '', 'DISSOLVE TO:', '', 'EXT. BEACH - DAY', '', 'EXT. CITY - DAY', '', 'A dog.'),
    );
    expect(script.stories.flatMap(shotsOfStory).map(({ transition }) => transition)).toEqual([undefined, 'cut']);
    expect(script.notes.map(({ where, text }) => `${where}: ${text}`)).toEqual([
      'line 3: DISSOLVE TO: becomes a cut: there are no other transitions here.',
      'line 5: this scene has no action, so no shot is made of it.',
    ]);
  });

  test('a screenplay in a .txt is read as what it is', () => {
    const text = lines('A note.', '', 'EXT. BEACH - DAY', '', 'A cat walks.');
    const script = readScript(text, { ...options, fileName: 'x.txt' });
    expect(script.format).toBe('fountain');
    expect(script.notes[0]).toMatchObject({ where: 'line 3', text: expect.stringContaining('Fountain') });
  });

  test('shot numbers go on with letters, without I and O', () => {
    const actions = Array.from({ length: 16 }, (_, i) => `It waves ${i}.`).join('\n\n');
    const numbers = shots(lines('INT. X - DAY #7#', '', actions)).map(({ fields }) => fields.number);
    expect(numbers.slice(0, 3)).toEqual(['7', '7A', '7B']);
    expect(numbers.slice(8)).toEqual(['7H', '7J', '7K', '7L', '7M', '7N', '7P', '7Q']);
  });
});
