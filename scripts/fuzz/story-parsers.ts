import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beginShot, type Scene } from '../../src/shared/scene/index.ts';
import { decodeText, importStories } from '../../src/shared/story-import/index.ts';
import { jsonBytes, type Parser } from './parser.ts';

const fixtures = join(import.meta.dirname, '../../tests/fixtures/stories');
const samples = (...endings: string[]) =>
  readdirSync(fixtures)
    .filter((name) => endings.some((ending) => name.endsWith(ending)))
    .map((name) => new Uint8Array(readFileSync(join(fixtures, name))));

const options = { chunksPerPrompt: 4, fps: 8, chunkFrames: 3 };

function story(name: string, fileName: string, rest: Pick<Parser, 'kind' | 'corpus' | 'words'>): Parser {
  return {
    name,
    ...rest,
    read: (input) => {
      const { text, encoding } = decodeText(input);
      const { stories } = importStories(text, { ...options, fileName }, encoding);
      // What is read is planned next: every prompt's place, time and size are looked for.
      for (const { shots } of stories) {
        let scene: Scene | null = null;
        for (const { prompt } of shots.slice(0, 50)) scene = beginShot(scene, prompt, null).scene;
      }
    },
  };
}

const lines = `A girl dances.[40s]; dancing
A cat sits[10s] | It runs[5.5s#] | It sleeps [2s]; one | two | three
`;

const storyMem = {
  story_name: 'The Musician',
  story_overview: 'He plays.',
  scenes: [
    {
      scene_num: 1,
      video_prompts: ['He opens a case.', 'He strums.'],
      first_frame_prompt: ['a', 'b'],
      cut: [true, false],
    },
    { scene_num: 2, video_prompts: ['He sits.'], cut: ['True'] },
  ],
};

const ownStory = {
  format: 'throughline-story',
  version: 1,
  title: 'There and back',
  seed: 7,
  memory: { policy: 'nam', bankFrames: 4, pins: [{ frame: 0, name: 'Mia' }], bans: [3] },
  shots: [
    { prompt: 'A cat waves.', chunks: 2, transition: 'cut', fields: { scene: 'INT. A - DAY', dialogue: 'CAT: Meow.' } },
    { prompt: 'A dog runs.', chunks: 4, seed: 9, memory: { policy: 'window' } },
  ],
};

const fountain = `Title: _**BRICK**_
    Part II
Author: A B

FADE IN:

# Act
= What happens.

INT./EXT. HOUSE - KITCHEN - NIGHT #12A#

A *cat* [[red?]] /* no */ sits.
It **waves** at _us_.

CAT (V.O.) (CONT'D)
(softly)
Meow.

DOG ^
Woof.
  
~La la

> DISSOLVE TO:

>THE END<

===

.SNIPER SCOPE POV

!FORCED ACTION
`;

const finalDraft = `<?xml version="1.0" encoding="UTF-8"?>
<FinalDraft DocumentType="Script" Version="5"><Content>
<Paragraph Type="Scene Heading" Number="1"><SceneProperties Title="T"><Summary><Paragraph><Text>S</Text></Paragraph></Summary></SceneProperties><Text>INT. A - DAY</Text></Paragraph>
<Paragraph Type="Action"><ScriptNote><Paragraph><Text>n</Text></Paragraph></ScriptNote><Text>It &amp; I </Text><Text Style="Bold">sit.</Text></Paragraph>
<Paragraph><DualDialogue><Paragraph Type="Character"><Text>CAT</Text></Paragraph><Paragraph Type="Dialogue"><Text>Meow.</Text></Paragraph><Paragraph Type="Character"><Text>DOG</Text></Paragraph><Paragraph Type="Dialogue"><Text>Woof.</Text></Paragraph></DualDialogue></Paragraph>
<Paragraph Type="Shot"><Text>CLOSE ON</Text></Paragraph><Paragraph Type="General"><Text>G</Text></Paragraph>
</Content><TitlePage><Content><Paragraph><Text>Two</Text></Paragraph></Content></TitlePage>
<ScriptNotes><ScriptNote Range="3,5"><Paragraph><Text>slow</Text></Paragraph></ScriptNote></ScriptNotes></FinalDraft>
`;

const encoder = new TextEncoder();

export const storyParsers: readonly Parser[] = [
  story('plain-text', 'x.txt', {
    kind: 'text',
    corpus: () => [...samples('.txt'), encoder.encode('# One\n\n[cut] A cat. [4 chunks, seed 7]\n\nA [red] dog.\n')],
    words: ['[cut]', '[', ']', '# ', '[4 chunks', 'seed 4294967296]', '[1000 chunks]', '\n\n', 'INT. A\n\n'],
  }),
  story('fountain', 'x.fountain', {
    kind: 'text',
    corpus: () => [...samples('.fountain'), encoder.encode(fountain)],
    words: [
      '[[',
      ']]',
      '/*',
      '*/',
      '*',
      '_',
      '\\*',
      '#1#',
      'INT. ',
      '\n\n',
      '^',
      '~',
      '>',
      '<',
      '===',
      '=',
      'Title: ',
      '@',
      '!',
      '.A',
    ],
  }),
  story('final-draft', 'x.fdx', {
    kind: 'text',
    corpus: () => [...samples('.fdx'), encoder.encode(finalDraft)],
    words: [
      '<',
      '>',
      '</',
      '/>',
      '<Text>',
      '</Text>',
      '<Paragraph Type="',
      '">',
      '&amp;',
      '&#0;',
      '&#x110000;',
      '<!--',
      '-->',
      '<![CDATA[',
      ']]>',
      '<?',
      '<!DOCTYPE a [',
      '<!ENTITY',
    ],
  }),
  story('story-json', 'x.json', {
    kind: 'json',
    corpus: () => [
      ...samples('.json'),
      jsonBytes(storyMem),
      jsonBytes(ownStory),
      jsonBytes({ prompts: ['a', 'b'], fps: 3 }),
    ],
  }),
  story('prompt-scripts', 'x.jsonl', {
    kind: 'text',
    corpus: () => samples('.jsonl'),
    words: ['{"prompts": [', '"]}', '",', '\\u0000', '\\ud800', '{', '}', '[', ']', ':'],
  }),
  story('prompt-lines', 'x.txt', {
    kind: 'text',
    corpus: () => [encoder.encode(lines)],
    words: ['[10s]', '[10s#]', '|', ';', '[0s]', '[', ']', '[9999999s]', '[1.5 s #]'],
  }),
  story('any-file', 'x', {
    kind: 'bytes',
    corpus: () => [...samples(''), encoder.encode(fountain), encoder.encode(finalDraft), encoder.encode(lines)],
  }),
];
