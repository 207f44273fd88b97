import type { EditPlan } from '../../../shared/edit/edit-plan.ts';
import { ThroughlineError } from '../../../shared/errors.ts';
import { limits } from '../../../shared/project/limits.ts';
import { type Shot, type Story, storySchema } from '../../../shared/story.ts';
import { cutText } from '../../../shared/text.ts';

/**
 * The story of an edit in our own format, with everything that its shots are made from: model, prompts, lengths, seeds, transitions,
 * memory with its pins, bans and pictures, the first frame, footage; and their fields and trims. Throughline reads it back as it was.
 * @throws ThroughlineError `bad-input` for a shot that a story cannot hold
 */
export function writeStoryJson(plan: EditPlan): string {
  const { seed = 0, model, frameSize, prompts, memory } = plan.story ?? {};
  const story = {
    format: 'throughline-story',
    version: 1,
    title: cutText(plan.title, limits.title),
    seed,
    ...(model ? { model } : {}),
    ...(frameSize ? { frameSize } : {}),
    ...(prompts ? { prompts } : {}),
    ...(memory && Object.keys(memory).length > 0 ? { memory } : {}),
    shots: plan.shots.map((shot, index): Shot => {
      if (!shot.recipe) throw new Error('the plan does not say what its shots are made from');
      if (shot.prompt === '') throw noPrompt(index);
      const fields = Object.fromEntries(Object.entries(shot.fields).filter(([, value]) => value !== ''));
      const { memory: own, ...recipe } = shot.recipe;
      return {
        prompt: shot.prompt,
        ...recipe,
        ...(own && Object.keys(own).length > 0 ? { memory: own } : {}),
        ...(Object.keys(fields).length > 0 ? { fields } : {}),
      };
    }),
  } satisfies Story;
  const read = storySchema.safeParse(story);
  if (read.success) return `${JSON.stringify(withFiles(story, plan), null, 2)}\n`;
  const [issue] = read.error.issues;
  throw new ThroughlineError(
    'bad-input',
    plan.shots.length === 0
      ? 'There are no shots, and a story file has one at least.'
      : `This film is more than a story file can hold, at ${issue?.path.join('.')}: ${issue?.message}.`,
    'Export a part of it, or save the project.',
  );
}

/** The story with its pictures and footage in it, as `data:` addresses in the place of what names them in a project. */
function withFiles(story: Story, { pictures: files, footage: held }: Pick<EditPlan, 'pictures' | 'footage'>): object {
  const named = <Picture extends { readonly asset: string }>({ asset, ...picture }: Picture): object => {
    const file = files?.get(asset);
    return file === undefined ? { ...picture, asset } : { ...picture, file };
  };
  const remembered = <Part extends Pick<Shot, 'memory'>>(part: Part): object =>
    part.memory?.pictures ? { ...part, memory: { ...part.memory, pictures: part.memory.pictures.map(named) } } : part;
  return {
    ...remembered(story),
    shots: story.shots.map(({ footage, ...shot }) => {
      const { asset: _, ...clip } = footage ?? {};
      return {
        ...remembered(shot),
        ...(shot.firstFrame ? { firstFrame: named(shot.firstFrame) } : {}),
        ...(footage && held ? { footage: { ...clip, ...held } } : {}),
      };
    }),
  };
}

function noPrompt(index: number): ThroughlineError {
  return new ThroughlineError(
    'bad-input',
    `Shot ${index + 1} has no prompt, and every shot of a story file has one.`,
    'Write its prompt, or delete it.',
  );
}
