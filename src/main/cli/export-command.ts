import { readFile } from 'node:fs/promises';
import { type EditPlan, planEdit } from '../../shared/edit/edit-plan.ts';
import { ThroughlineError } from '../../shared/errors.ts';
import type { Story } from '../../shared/story.ts';
import { cutText } from '../../shared/text.ts';
import { pixelFramesOfChunk } from '../../shared/timing.ts';
import { type AnyFormat, formatNamed, type ShotFrames, type Written } from '../export/index.ts';
import { writeFileAtomically } from '../files/index.ts';
import { type ModelTiming, modelTiming } from '../studio/export/model-timing.ts';
import { renderStory } from '../studio/generation/render-story.ts';
import { readScriptFile } from '../studio/project/script-file.ts';
import { type ExportCommand, type ExportFlags, formatOptions, fpsOf } from './export-options.ts';
import { exportProject } from './export-project.ts';
import { OutputGuard } from './outputs.ts';
import { withStoryEngine } from './story-engine.ts';
import { chooseStory } from './story-file.ts';

/** `throughline export`: a story or a project in any format. What is missing of a story is made first. */
export async function exportCommand(command: ExportCommand): Promise<void> {
  const { path, flags, terminal } = command;
  const format = formatNamed(flags.format);
  if (format.ending !== '' && !flags.out.toLowerCase().endsWith(format.ending)) {
    throw new ThroughlineError(
      'bad-input',
      `--out takes a name ending in ${format.ending} for ${format.id}, not ${flags.out}`,
      'Change the ending.',
    );
  }
  const options = formatOptions(await withLogo(flags));
  format.check(options);
  const written = path.endsWith('.throughline')
    ? await exportProject(command, format, options)
    : [await exportStory(command, format, options)];
  for (const text of new Set(written.flatMap(({ notes }) => notes))) note(command, text);
  if (flags.quiet) return;
  for (const { path: place } of written) terminal.out(`${terminal.paint('good', place)}  ${format.label}\n`);
}

async function exportStory(command: ExportCommand, format: AnyFormat, options: unknown): Promise<Written> {
  const { path, flags, services, progress, signal } = command;
  const file = readScriptFile(path);
  const target = await (await OutputGuard.of(path, flags.model)).look('--out', flags.out);
  if (format.needs === 'plan') {
    const model = await modelTiming(flags.model);
    const { story, warnings } = chooseStory(file, flags.story, flags.chunksPerPrompt, model);
    for (const warning of warnings) note(command, warning);
    const { plan } = editOfStory(story, model, fpsOf(flags, format));
    return { path: await writeFileAtomically(target, format.write({ plan, options })), notes: [] };
  }
  const tell = (text: string): void => note(command, text);
  return withStoryEngine({ flags, services, progress, signal, note: tell }, async (engine, store) => {
    const { story, warnings } = chooseStory(file, flags.story, flags.chunksPerPrompt, engine.info);
    progress.clear();
    for (const warning of warnings) tell(warning);
    const { plan, frames } = editOfStory(story, engine.info, fpsOf(flags, format));
    const sink = await format.open({ target, plan, options, signal, source: engine.info.video, frames });
    try {
      await renderStory({
        story,
        engine,
        store,
        signal,
        onEvent: progress.on,
        onChunk: async ({ plan: chunk, frames: rgb, frameCount }) => {
          const size = rgb.length / frameCount;
          for (let i = 0; i < frameCount; i++) {
            await sink.add({ rgb: rgb.subarray(i * size, (i + 1) * size), shot: chunk.shotIndex, part: 'shown' });
          }
        },
      });
      progress.stage('finishing the export');
      return await sink.finish();
    } finally {
      await sink.abort();
    }
  });
}

/** A story as an edit, each shot as long as it will be. */
function editOfStory(
  story: Story,
  model: ModelTiming,
  fps: number | null,
): { plan: EditPlan; frames: readonly ShotFrames[] } {
  let chunks = 0;
  const frames = story.shots.map((shot): ShotFrames => {
    let shown = 0;
    for (let i = 0; i < shot.chunks; i++) shown += pixelFramesOfChunk(chunks + i, model.chunkFrames);
    chunks += shot.chunks;
    return { head: 0, shown, tail: 0 };
  });
  const shots = story.shots.map(({ prompt, fields }, i) => ({
    title: cutText(prompt, 80),
    prompt,
    fields: fields ?? {},
    frameCount: frames[i]?.shown ?? 0,
  }));
  const modelFps = model.video.fps;
  const plan = planEdit(shots, { title: story.title, size: model.video, modelFps, fps: fps ?? modelFps });
  return { plan, frames };
}

function note({ flags, terminal }: ExportCommand, text: string): void {
  if (!flags.quiet) terminal.err(`${terminal.paintErr('warning', 'Note:')} ${text}\n`);
}

/** Formats take a logo as data, so that nothing but the command line reads files for them. */
async function withLogo(flags: ExportFlags): Promise<ExportFlags> {
  if (flags.logo === undefined) return flags;
  const type = /\.png$/i.test(flags.logo) ? 'png' : /\.jpe?g$/i.test(flags.logo) ? 'jpeg' : null;
  if (type === null) {
    throw new ThroughlineError('bad-input', `--logo takes a .png or .jpg, not ${flags.logo}`, 'Convert it first.');
  }
  try {
    return { ...flags, logo: `data:image/${type};base64,${(await readFile(flags.logo)).toString('base64')}` };
  } catch (cause) {
    throw new ThroughlineError('bad-input', `--logo: cannot read ${flags.logo}`, 'Is it there?', { cause });
  }
}
