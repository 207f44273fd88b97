import { z } from 'zod';
import { seedSchema } from '../story.ts';
import { nearestChunkBoundary } from '../timing.ts';
import { badStory, type ImportedStories, type ImportOptions, parseWith, titleFromName, toStory } from './source.ts';

const seconds = z.number().min(0);

const entrySchema = z.looseObject({
  startTime: seconds,
  endTime: seconds,
  prompts: z.array(z.looseObject({ text: z.string(), weight: z.number().min(0).default(100) })).min(1),
  transitionSteps: z.number().optional(),
});

const timelineSchema = z.looseObject({
  prompts: z.array(entrySchema).min(1),
  settings: z.looseObject({ seed: z.unknown().optional(), loras: z.array(z.unknown()).optional() }).optional(),
});

/**
 * A Scope timeline, already parsed as JSON: entries with a start and an end in seconds, each with weighted prompts.
 * Times go to the nearest chunk boundary of the film to be made. Of weighted prompts the heaviest is taken.
 */
export function readScopeTimeline(value: unknown, options: ImportOptions): ImportedStories {
  const timeline = parseWith(timelineSchema, value, options, '');
  const warnings: string[] = [];
  const entries = timeline.prompts
    .map((entry, index) => ({ ...entry, index }))
    .sort((a, b) => a.startTime - b.startTime);
  const boundary = (timeSec: number) => nearestChunkBoundary(timeSec, options.fps, options.chunkFrames);

  let lastEnd = 0;
  const shots = entries.map((entry) => {
    const where = `prompts[${entry.index}]`;
    if (entry.endTime <= entry.startTime) {
      throw badStory(
        options,
        where,
        `it ends at ${entry.endTime} s, which is not after its start at ${entry.startTime} s.`,
        'Correct startTime or endTime.',
      );
    }
    const heaviest = entry.prompts.reduce((best, prompt) => (prompt.weight > best.weight ? prompt : best));
    if (heaviest.text.trim() === '') {
      throw badStory(options, `${where}.prompts`, 'this prompt is empty.', 'Say what is to be seen, or take it out.');
    }
    if (entry.prompts.length > 1) {
      warnings.push(
        `${options.fileName}, ${where}: prompts cannot be blended; of ${entry.prompts.length} the heaviest is used.`,
      );
    }
    if ((entry.transitionSteps ?? 0) > 0) {
      warnings.push(
        `${options.fileName}, ${where}: prompts do not fade into each other here; transitionSteps ignored.`,
      );
    }
    if (Math.abs(entry.startTime - lastEnd) > 1 / options.fps) {
      const kind = entry.startTime > lastEnd ? 'a gap' : 'an overlap';
      warnings.push(
        `${options.fileName}, ${where}: ${kind} before ${entry.startTime} s is closed; each prompt keeps its own length.`,
      );
    }
    lastEnd = entry.endTime;
    const chunks = Math.max(1, boundary(entry.endTime) - boundary(entry.startTime));
    return { prompt: heaviest.text.trim(), chunks };
  });

  const seed = seedSchema.safeParse(timeline.settings?.seed ?? 0);
  if (!seed.success) {
    warnings.push(`${options.fileName}, settings.seed: not a whole number from 0 to 4294967295; 0 is used.`);
  }
  if (timeline.settings?.loras?.length) warnings.push(`${options.fileName}, settings.loras: ignored.`);
  const title = titleFromName(options.fileName);
  return { stories: [toStory({ title, seed: seed.data ?? 0, shots }, options)], warnings };
}
