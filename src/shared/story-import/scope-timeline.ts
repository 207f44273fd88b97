import { z } from 'zod';
import { seedSchema } from '../story.ts';
import { nearestChunkBoundary } from '../timing.ts';
import { type DraftShot, finishScript } from './drafts.ts';
import type { ImportedScript, ScriptFormat } from './imported.ts';
import { ShotCount } from './lines.ts';
import { badStory, type ImportContext, parseWith, titleFromName } from './source.ts';

/** Eleven days: more than any film, and little enough to count in. */
const seconds = z.number().min(0).max(1_000_000);
const weightedPrompts = z.array(z.looseObject({ text: z.string(), weight: z.number().min(0).default(100) }));

/** The older files, and today's when the editor saved only its timeline. Before blending, an entry had one `text`. */
const entrySchema = z.looseObject({
  startTime: seconds,
  endTime: seconds,
  prompts: weightedPrompts.optional(),
  text: z.string().optional(),
  transitionSteps: z.number().nullish(),
});

const timelineSchema = z.looseObject({
  prompts: z.array(entrySchema).min(1),
  settings: z.looseObject({ seed: z.unknown().optional(), loras: z.array(z.unknown()).optional() }).optional(),
});

/** Today's files: `format: scope-workflow`. */
const workflowSchema = z.looseObject({
  metadata: z.looseObject({ name: z.string().optional() }).optional(),
  pipelines: z
    .array(
      z.looseObject({
        role: z.string().nullish(),
        loras: z.array(z.unknown()).optional(),
        params: z.looseObject({}).optional(),
      }),
    )
    .optional(),
  timeline: z
    .looseObject({
      entries: z.array(
        z.looseObject({
          start_time: seconds,
          end_time: seconds,
          prompts: weightedPrompts,
          transition_steps: z.number().nullish(),
        }),
      ),
    })
    .nullish(),
  prompts: weightedPrompts.nullish(),
});

/** A stretch of a timeline, in either spelling. */
interface Block {
  readonly startSec: number;
  readonly endSec: number;
  readonly prompts: readonly { readonly text: string; readonly weight: number }[];
  readonly fadeSteps: number;
  readonly path: string;
}

interface Timeline {
  readonly format: ScriptFormat;
  readonly title: string;
  readonly blocks: readonly Block[];
  readonly seed: unknown;
  readonly seedPath: string;
  /** Where it names LoRAs; null where it does not. */
  readonly lorasPath: string | null;
  readonly timeNames: string;
}

/** A Scope timeline, already parsed as JSON: entries with a start and an end in seconds, each with weighted prompts. */
export function readScopeTimeline(value: unknown, context: ImportContext): ImportedScript {
  const { options } = context;
  const { prompts, settings } = parseWith(timelineSchema, value, options);
  return fromBlocks(
    {
      format: 'scope-timeline',
      title: titleFromName(options.fileName),
      blocks: prompts.map((entry, index) => ({
        startSec: entry.startTime,
        endSec: entry.endTime,
        prompts: entry.prompts?.length ? entry.prompts : [{ text: entry.text ?? '', weight: 100 }],
        fadeSteps: entry.transitionSteps ?? 0,
        path: `prompts[${index}]`,
      })),
      seed: settings?.seed,
      seedPath: 'settings.seed',
      lorasPath: settings?.loras?.length ? 'settings.loras' : null,
      timeNames: 'startTime or endTime',
    },
    context,
  );
}

/**
 * A Scope workflow, already parsed as JSON: its timeline, or where it has none its prompts as one shot of the default
 * length. Pipelines, nodes and the graph say how Scope makes pictures, not which.
 */
export function readScopeWorkflow(value: unknown, context: ImportContext): ImportedScript {
  const { options, notes } = context;
  const workflow = parseWith(workflowSchema, value, options);
  const title = workflow.metadata?.name?.trim() || titleFromName(options.fileName);
  const main = workflow.pipelines?.find(({ role }) => role === 'main') ?? workflow.pipelines?.[0];
  const lorasPath = workflow.pipelines?.some(({ loras }) => loras?.length) ? 'pipelines.loras' : null;
  const entries = workflow.timeline?.entries ?? [];
  if (entries.length > 0) {
    return fromBlocks(
      {
        format: 'scope-workflow',
        title,
        blocks: entries.map((entry, index) => ({
          startSec: entry.start_time,
          endSec: entry.end_time,
          prompts: entry.prompts,
          fadeSteps: entry.transition_steps ?? 0,
          path: `timeline.entries[${index}]`,
        })),
        seed: main?.params?.seed,
        seedPath: 'pipelines.params.seed',
        lorasPath,
        timeNames: 'start_time or end_time',
      },
      context,
    );
  }
  if (!workflow.prompts?.length) {
    throw badStory(
      options,
      {},
      'this Scope workflow has neither a timeline nor prompts.',
      'In Scope, write a prompt or a timeline and export it again. Prompts inside the nodes of a graph are not read.',
    );
  }
  const shot = {
    place: { path: 'prompts' },
    prompt: heaviestOf(workflow.prompts, 'prompts', context).trim(),
    chunks: options.chunksPerPrompt,
  };
  const seed = seedOf(main?.params?.seed, 'pipelines.params.seed', context);
  if (lorasPath) notes.add('left-out', { path: lorasPath }, 'ignored.');
  return finishScript(
    { format: 'scope-workflow', title, stories: [{ title, seed, scenes: [{ shots: [shot] }] }] },
    context,
  );
}

/** Times go to the nearest chunk boundary of the film to be made. Of weighted prompts the heaviest is taken. */
function fromBlocks(timeline: Timeline, context: ImportContext): ImportedScript {
  const { options, notes } = context;
  const boundary = (timeSec: number) => nearestChunkBoundary(timeSec, options.fps, options.chunkFrames);
  new ShotCount(options).add({}, timeline.blocks.length);
  const shots: DraftShot[] = [];
  let lastEnd = 0;
  for (const block of [...timeline.blocks].sort((a, b) => a.startSec - b.startSec)) {
    const { startSec, endSec, path } = block;
    if (endSec === startSec) {
      notes.add('left-out', { path }, `this block is empty: it starts and ends at ${startSec} s.`);
      continue;
    }
    if (endSec < startSec) {
      throw badStory(
        options,
        { path },
        `it ends at ${endSec} s, which is not after its start at ${startSec} s.`,
        `Correct ${timeline.timeNames}.`,
      );
    }
    const text = heaviestOf(block.prompts, path, context);
    if (text.trim() === '') {
      throw badStory(
        options,
        { path: `${path}.prompts` },
        'this prompt is empty.',
        'Say what is to be seen, or take it out.',
      );
    }
    if (block.fadeSteps > 0) {
      notes.add('left-out', { path }, 'prompts do not fade into each other here; transitionSteps ignored.');
    }
    if (Math.abs(startSec - lastEnd) > 1 / options.fps) {
      const kind = startSec > lastEnd ? 'a gap' : 'an overlap';
      notes.add('changed', { path }, `${kind} before ${startSec} s is closed; each prompt keeps its own length.`);
    }
    lastEnd = endSec;
    shots.push({
      place: { path },
      prompt: text.trim(),
      chunks: Math.max(1, boundary(endSec) - boundary(startSec)),
    });
  }
  if (shots.length === 0) {
    throw badStory(options, {}, 'every block of this timeline is empty.', `Give one a length: ${timeline.timeNames}.`);
  }
  const seed = seedOf(timeline.seed, timeline.seedPath, context);
  if (timeline.lorasPath) notes.add('left-out', { path: timeline.lorasPath }, 'ignored.');
  const { format, title } = timeline;
  return finishScript({ format, title, stories: [{ title, seed, scenes: [{ shots }] }] }, context);
}

function heaviestOf(prompts: Block['prompts'], path: string, { notes }: ImportContext): string {
  const first = prompts[0];
  if (!first) return '';
  if (prompts.length > 1) {
    notes.add('left-out', { path }, `prompts cannot be blended; of ${prompts.length} the heaviest is used.`);
  }
  return prompts.reduce((best, prompt) => (prompt.weight > best.weight ? prompt : best), first).text;
}

function seedOf(value: unknown, path: string, { notes }: ImportContext): number {
  const seed = seedSchema.safeParse(value ?? 0);
  if (!seed.success) notes.add('changed', { path }, 'not a whole number from 0 to 4294967295; 0 is used.');
  return seed.data ?? 0;
}
