import type { TransitionChoice } from '../story.ts';
import { type DraftScene, type DraftShot, finishScript } from './drafts.ts';
import type { ImportedScript, ScriptFormat } from './imported.ts';
import { ShotCount } from './lines.ts';
import { placeAndTime, promptPrefix } from './scene-heading.ts';
import { badStory, type ImportContext, titleFromName } from './source.ts';
import { numberOfShot } from './storymem.ts';

/** A screenplay as any of its formats gives it: elements in order, marks taken off. */
export interface Screenplay {
  readonly titlePage: readonly { readonly key: string; readonly value: string }[];
  readonly elements: readonly ScreenplayElement[];
}

export type ScreenplayElement = { readonly line: number } & (
  | { readonly kind: 'scene-heading'; readonly text: string; readonly number: string | null }
  | {
      readonly kind: 'action' | 'transition' | 'lyrics' | 'centred' | 'synopsis' | 'note' | 'camera';
      readonly text: string;
    }
  /** `text` with its parentheticals; `name` with its extension: `ROBOT (V.O.)`. `dual`: spoken with the one before. */
  | { readonly kind: 'speech'; readonly name: string; readonly text: string; readonly dual: boolean }
  | { readonly kind: 'section'; readonly depth: number; readonly text: string }
  | { readonly kind: 'page-break' }
);

interface OpenShot {
  readonly line: number;
  action: string;
  readonly speeches: string[];
  readonly notes: string[];
  readonly camera: string[];
  readonly transition: TransitionChoice | undefined;
}

interface OpenScene {
  readonly heading: string;
  readonly number: string | null;
  readonly line: number;
  readonly sections: readonly string[];
  readonly synopsis: string[];
  /** What each of its prompts begins with. */
  readonly prefix: string;
  readonly shots: OpenShot[];
}

/**
 * Scenes become groups, every paragraph of action a shot. A prompt is the place and the time of the heading and the
 * action; what is spoken, noted or said of the camera goes into fields, never into a prompt.
 */
export function screenplayScript(screenplay: Screenplay, format: ScriptFormat, context: ImportContext): ImportedScript {
  const { options, notes } = context;
  const title =
    screenplay.titlePage.find(({ key }) => key.toLowerCase() === 'title')?.value || titleFromName(options.fileName);
  const titlePage = screenplay.titlePage.filter(({ key, value }) => key.toLowerCase() !== 'title' && value !== '');
  if (titlePage.length > 0) notes.add('kept', {}, `the title page is shown here and not kept: ${keysOf(titlePage)}.`);
  const scenes = new SceneBuilder(context).read(screenplay.elements);
  if (scenes.every(({ shots }) => shots.length === 0)) {
    throw badStory(options, {}, 'this screenplay has no action.', 'Write what is to be seen under a scene heading.');
  }
  const drafts = scenes.map((scene) => draftScene(scene, context));
  return finishScript({ format, title, titlePage, stories: [{ title, scenes: drafts }] }, context);
}

/** Deeper ones count as this deep: every scene lists the sections that it stands in. */
const deepestSection = 6;

class SceneBuilder {
  readonly #context: ImportContext;
  readonly #count: ShotCount;
  readonly #scenes: OpenScene[] = [];
  #sections: { depth: number; text: string }[] = [];
  /** What stands before the shot or scene that it belongs to. */
  #waiting = { notes: [] as string[], camera: [] as string[], synopsis: [] as string[] };
  #newSections: string[] = [];
  #cut = false;
  #hasShots = false;
  /** Time of day of the scene before, for headings that go on with it. */
  #time = '';

  constructor(context: ImportContext) {
    this.#context = context;
    this.#count = new ShotCount(context.options);
  }

  read(elements: readonly ScreenplayElement[]): OpenScene[] {
    for (const element of elements) this.#take(element);
    const last = this.#scenes.at(-1)?.shots.at(-1);
    last?.notes.push(...this.#waiting.notes);
    last?.camera.push(...this.#waiting.camera);
    for (const scene of this.#scenes) {
      if (scene.shots.length > 0) continue;
      const what = scene.heading === '' ? 'this part' : 'this scene';
      this.#context.notes.add('left-out', { line: scene.line }, `${what} has no action, so no shot is made of it.`);
    }
    return this.#scenes;
  }

  #take(element: ScreenplayElement): void {
    const { notes } = this.#context;
    const { line } = element;
    switch (element.kind) {
      case 'scene-heading':
        this.#openScene(element.text, element.number, line);
        return;
      case 'action':
        if (element.text !== '') this.#addShot(element.text, line);
        return;
      case 'speech':
        this.#addSpeech(element);
        return;
      case 'lyrics':
        notes.add('kept', { line }, 'lyrics are kept as dialogue, and are not part of a prompt.');
        this.#shotForSpeech(line).speeches.push(`♪ ${element.text}`);
        return;
      case 'centred':
        notes.add('kept', { line }, 'centred text is kept among the notes of its shot.');
        this.#addNote(`Centred: ${element.text}`);
        return;
      case 'note':
        notes.add('kept', { line }, 'notes are kept with their shots, and are not part of a prompt.');
        this.#addNote(element.text);
        return;
      case 'camera':
        notes.add('kept', { line }, 'camera directions are kept with the shot that follows.');
        this.#waiting.camera.push(element.text);
        return;
      case 'synopsis':
        if (this.#scenes.at(-1)?.shots.length === 0) this.#scenes.at(-1)?.synopsis.push(element.text);
        else this.#waiting.synopsis.push(element.text);
        return;
      case 'section':
        this.#openSection(element.text, Math.min(element.depth, deepestSection));
        this.#newSections.push(element.text);
        return;
      case 'transition':
        this.#takeTransition(element.text, line);
        return;
      case 'page-break':
        return;
    }
  }

  #openSection(text: string, depth: number): void {
    this.#sections = [...this.#sections.filter((section) => section.depth < depth), { depth, text }];
  }

  #takeTransition(text: string, line: number): void {
    const upper = text.toUpperCase().replace(/[.:]$/, '');
    if (/^FADE IN$/.test(upper) && this.#scenes.length === 0) return;
    this.#cut = true;
    if (!/\bCUT\b/.test(upper)) {
      const shown = text.length <= 40 ? text : `${text.slice(0, 39)}…`;
      this.#context.notes.add('changed', { line }, `${shown} becomes a cut: there are no other transitions here.`);
    }
  }

  #openScene(heading: string, number: string | null, line: number): void {
    const { place, time, goesOn } = placeAndTime(heading);
    // `CONTINUOUS`, `LATER`: it is as light as it was.
    const shownTime = goesOn ? this.#time : time;
    this.#time = shownTime;
    this.#scenes.push({
      heading,
      number,
      line,
      sections: this.#sections.map(({ text }) => text),
      synopsis: this.#waiting.synopsis,
      prefix: promptPrefix(place, shownTime),
      shots: [],
    });
    if (this.#newSections.length > 0) this.#waiting.notes.push(...this.#newSections.map((text) => `Section: ${text}`));
    this.#newSections = [];
    this.#waiting.synopsis = [];
    this.#cut = true;
  }

  #scene(line: number): OpenScene {
    const open = this.#scenes.at(-1);
    if (open) return open;
    this.#openScene('', null, line);
    return this.#scene(line);
  }

  #addShot(action: string, line: number): OpenShot {
    const scene = this.#scene(line);
    this.#count.add({ line });
    const shot: OpenShot = {
      line,
      action,
      speeches: [],
      notes: [...this.#waiting.notes],
      camera: [...this.#waiting.camera],
      transition: this.#cut && this.#hasShots ? 'cut' : undefined,
    };
    scene.shots.push(shot);
    this.#hasShots = true;
    this.#waiting.notes = [];
    this.#waiting.camera = [];
    this.#cut = false;
    return shot;
  }

  #addSpeech({ name, text, dual, line }: Extract<ScreenplayElement, { kind: 'speech' }>): void {
    this.#context.notes.add('kept', { line }, 'dialogue is kept with its shot, and is not part of the prompt.');
    const speaker = name.replace(/\s*\(\s*CONT['’]?D\s*\)/i, '').trim();
    const shot = this.#shotForSpeech(line);
    shot.speeches.push(`${speaker}${dual ? ' (at the same time)' : ''}: ${text}`);
  }

  /** Speech belongs to the shot before it; where a scene begins with it, a shot of the place alone is made for it. */
  #shotForSpeech(line: number): OpenShot {
    const scene = this.#scene(line);
    const last = scene.shots.at(-1);
    if (last) return last;
    const what = scene.prefix === '' ? 'somebody speaks' : 'the place alone';
    this.#context.notes.add('changed', { line }, `the scene begins with dialogue: a shot of ${what} is made for it.`);
    return this.#addShot('', line);
  }

  #addNote(text: string): void {
    const last = this.#scenes.at(-1)?.shots.at(-1);
    if (last && !this.#cut) last.notes.push(text);
    else this.#waiting.notes.push(text);
  }
}

function draftScene(scene: OpenScene, context: ImportContext): DraftScene {
  const shots = scene.shots.map((shot, index): DraftShot => {
    const notes = [
      ...(index === 0 && scene.synopsis.length > 0 ? [`Synopsis: ${scene.synopsis.join(' ')}`] : []),
      ...shot.notes,
    ];
    const prompt = [scene.prefix, shot.action].filter(Boolean).join(' ') || 'Somebody speaks.';
    return {
      place: { line: shot.line },
      prompt,
      chunks: context.options.chunksPerPrompt,
      ...(shot.transition ? { transition: shot.transition } : {}),
      fields: {
        scene: scene.heading,
        number: scene.number ? numberOfShot(scene.number, index) : '',
        action: shot.action,
        dialogue: shot.speeches.join('\n'),
        notes: notes.join('\n'),
        camera: shot.camera.join('\n'),
      },
    };
  });
  const { heading, number, sections, line } = scene;
  return { heading, number, sections, synopsis: scene.synopsis.join(' '), place: { line }, shots };
}

function keysOf(titlePage: Screenplay['titlePage']): string {
  const keys = titlePage.map(({ key }) => key);
  return keys.length <= 8 ? keys.join(', ') : `${keys.slice(0, 8).join(', ')} and ${keys.length - 8} more`;
}
