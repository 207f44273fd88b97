import { describe, expect, test } from 'vitest';
import { ThroughlineError } from '../errors.ts';
import { parseFinalDraft } from './final-draft.ts';
import { readScript, shotsOfStory } from './index.ts';
import { NoteList } from './notes.ts';

const options = { fileName: 'x.fdx', chunksPerPrompt: 4, fps: 8, chunkFrames: 3 };

const paragraph = (type: string, text: string, rest = '') =>
  `<Paragraph Type="${type}"${rest.startsWith(' ') ? rest : ''}>${rest.startsWith('<') ? rest : ''}<Text>${text}</Text></Paragraph>`;
const file = (content: string, rest = '') =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<FinalDraft DocumentType="Script" Version="5">\n<Content>\n${content}\n</Content>\n${rest}</FinalDraft>`;

function parse(text: string) {
  const notes = new NoteList();
  const { elements, titlePage } = parseFinalDraft(text, { options, notes });
  return { elements: elements.map(({ line: _, ...element }) => element), titlePage, notes: notes.finish() };
}

describe('Final Draft', () => {
  test('every type of paragraph', () => {
    const { elements, notes } = parse(
      file(
        [
          paragraph('New Act', 'ACT ONE'),
          paragraph('Scene Heading', 'INT. KITCHEN - DAY', ' Number="12A"'),
          paragraph('Shot', 'CLOSE ON THE CAT'),
          paragraph('Action', 'It &amp; I sit. &#x1F98A;'),
          paragraph('Character', 'CAT (V.O.)'),
          paragraph('Parenthetical', '(softly)'),
          paragraph('Dialogue', 'Meow.'),
          paragraph('Singing', 'La la'),
          paragraph('Transition', 'CUT TO:'),
          paragraph('General', 'A dog.'),
          paragraph('Cast List', 'Cat, dog'),
          paragraph('Haiku', 'Five seven five'),
          paragraph('End of Act', 'END OF ACT ONE'),
        ].join('\n'),
      ),
    );
    expect(elements).toEqual([
      { kind: 'section', depth: 1, text: 'ACT ONE' },
      { kind: 'scene-heading', text: 'INT. KITCHEN - DAY', number: '12A' },
      { kind: 'camera', text: 'CLOSE ON THE CAT' },
      { kind: 'action', text: 'It & I sit. 🦊' },
      { kind: 'speech', name: 'CAT (V.O.)', dual: false, text: '(softly) Meow. ♪ La la' },
      { kind: 'transition', text: 'CUT TO:' },
      { kind: 'action', text: 'A dog.' },
      { kind: 'note', text: 'Cast: Cat, dog' },
    ]);
    expect(notes.map(({ kind, line, text }) => [kind, line, text])).toEqual([
      ['changed', 13, 'a paragraph of the type General is read as action.'],
      ['kept', 14, 'a cast list is kept among the notes of a shot.'],
      ['left-out', 15, 'paragraphs of the type Haiku are not known, and are left out.'],
    ]);
  });

  test('dual dialogue, synopses, notes in their paragraph and by range, the title page', () => {
    const dual = `<Paragraph><DualDialogue>${[
      paragraph('Character', 'CAT'),
      paragraph('Dialogue', 'Meow.'),
      paragraph('Character', 'DOG'),
      paragraph('Dialogue', 'Woof.'),
    ].join('')}</DualDialogue></Paragraph>`;
    const summary =
      '<SceneProperties Length="1/8" Page="1" Title="Breakfast"><Summary><Paragraph><Text>They eat.</Text></Paragraph></Summary></SceneProperties>';
    const note = '<ScriptNote><Paragraph><Text>red?</Text></Paragraph></ScriptNote>';
    const rest = `<TitlePage><Content><Paragraph><Text>Two Visits</Text></Paragraph><Paragraph><Text> </Text></Paragraph><Paragraph><Text>by A B</Text></Paragraph></Content></TitlePage>
      <ScriptNotes><ScriptNote Range="14,16"><Paragraph><Text>slower</Text></Paragraph></ScriptNote></ScriptNotes>`;
    const content = [
      paragraph('Scene Heading', 'INT. KITCHEN', summary),
      paragraph('Action', 'It sits.', note),
      dual,
    ].join('\n');
    const { elements, titlePage } = parse(file(content, rest));
    expect(elements).toEqual([
      { kind: 'scene-heading', text: 'INT. KITCHEN', number: null },
      { kind: 'synopsis', text: 'Breakfast' },
      { kind: 'synopsis', text: 'They eat.' },
      { kind: 'action', text: 'It sits.' },
      { kind: 'note', text: 'red?' },
      { kind: 'note', text: 'slower' },
      { kind: 'speech', name: 'CAT', dual: false, text: 'Meow.' },
      { kind: 'speech', name: 'DOG', dual: true, text: 'Woof.' },
    ]);
    expect(titlePage).toEqual([
      { key: 'Title', value: 'Two Visits' },
      { key: 'Line of the title page', value: 'by A B' },
    ]);
  });

  test('an omitted scene is left out, said in a note', () => {
    const omitted = `<OmittedScene>${paragraph('Action', 'Never seen.')}</OmittedScene>`;
    const content =
      paragraph('Scene Heading', 'OMITTED', omitted) +
      paragraph('Scene Heading', 'EXT. BEACH') +
      paragraph('Action', 'A cat.');
    const script = readScript(file(content), options);
    expect(script.stories.flatMap(shotsOfStory).map(({ prompt }) => prompt)).toEqual(['Beach. A cat.']);
    expect(script.notes.map(({ text }) => text)).toEqual([
      'omitted scenes are left out.',
      'this scene has no action, so no shot is made of it.',
    ]);
  });

  test('what is no Final Draft file says so, with the line where it is not XML', () => {
    const fault = (text: string, fileName = 'x.fdx') => {
      try {
        readScript(text, { ...options, fileName });
      } catch (error) {
        if (error instanceof ThroughlineError) return error.message;
        throw error;
      }
      return 'read';
    };
    expect(fault('<?xml version="1.0"?>\n<Celtx/>', 'x.xml')).toBe(
      'x.xml: this is XML, but no Final Draft screenplay: it begins with <Celtx>.',
    );
    expect(fault('<FinalDraft>\n<Content>\n</FinalDraft>')).toMatch(/^x\.fdx, line \d: this is not valid XML/);
    expect(fault('<FinalDraft></FinalDraft>')).toBe('x.fdx: this Final Draft file has no content.');
    expect(fault(file(''))).toBe('x.fdx: this screenplay has no action.');
    expect(fault('A cat.')).toMatch(/^x\.fdx/);
    const bomb = `<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>${file('')}`;
    expect(fault(bomb)).toBe('x.fdx: this XML has a document type, which no screenplay has.');
    expect(fault(`<FinalDraft>${'<a>'.repeat(1000)}`)).toMatch(/^x\.fdx/);
  });
});
