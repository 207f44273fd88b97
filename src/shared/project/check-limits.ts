import { ThroughlineError } from '../errors.ts';
import { footageLimits } from '../footage.ts';
import { frameSizeRule, isFrameSize } from '../frame-size.ts';
import type { ProjectDocument, ProjectShot } from './document.ts';
import { limits } from './limits.ts';
import { pictureCount } from './pictures.ts';
import { shotTitle } from './tree.ts';

interface Limit<Thing> {
  readonly most: number;
  readonly of: (thing: Thing) => number;
  /** The sentence without what there is: `A prompt may have up to 4,000 characters`. */
  readonly rule: string;
  readonly hint: string;
}

const documentLimits: readonly Limit<ProjectDocument>[] = [
  {
    most: limits.projectShots,
    of: ({ shots }) => shots.length,
    rule: `A project may have up to ${said(limits.projectShots)} shots`,
    hint: 'Delete shots that are no longer needed, or begin another project.',
  },
  {
    most: limits.projectChunks,
    of: ({ shots }) => shots.reduce((sum, { chunks }) => sum + chunks, 0),
    rule: `A project may have up to ${said(limits.projectChunks)} chunks in all`,
    hint: 'Make shots shorter, delete some, or begin another project.',
  },
  {
    most: limits.title,
    of: ({ title }) => title.length,
    rule: `A project's title may have up to ${said(limits.title)} characters`,
    hint: 'Choose a shorter one.',
  },
  {
    most: limits.cutName,
    of: ({ cutNames }) => Object.values(cutNames).reduce((most, name) => Math.max(most, name.length), 0),
    rule: `The name of a cut may have up to ${said(limits.cutName)} characters`,
    hint: 'Choose a shorter one.',
  },
  {
    most: limits.modelName,
    of: ({ model }) =>
      Math.max(0, ...[model?.name, model?.digest, ...(model?.sources ?? [])].map((text) => text?.length ?? 0)),
    rule: `What is said of a model may have up to ${said(limits.modelName)} characters`,
    hint: 'Give the model a shorter name.',
  },
  {
    most: limits.modelSources,
    of: ({ model }) => model?.sources.length ?? 0,
    rule: `A model may come from up to ${said(limits.modelSources)} places`,
    hint: 'Choose the model again.',
  },
  {
    most: 0,
    of: ({ frameSize }) => (frameSize === null || isFrameSize(frameSize) ? 0 : 1),
    rule: frameSizeRule().slice(0, -1),
    hint: 'Choose another size.',
  },
  {
    most: limits.projectSounds,
    of: ({ shots }) => shots.reduce((sum, { sounds }) => sum + (sounds?.length ?? 0), 0),
    rule: `A project may have up to ${said(limits.projectSounds)} sounds`,
    hint: 'Delete some that are no longer needed.',
  },
  {
    most: limits.pictures,
    of: pictureCount,
    rule: `A project may remember up to ${said(limits.pictures)} pictures`,
    hint: 'Take one out that is no longer needed.',
  },
  ...memoryLimits<ProjectDocument>('A project'),
];

const shotLimits: readonly Limit<ProjectShot>[] = [
  {
    most: limits.prompt,
    of: ({ prompt }) => prompt.length,
    rule: `A prompt may have up to ${said(limits.prompt)} characters`,
    hint: 'Shorten it, or divide it among several shots.',
  },
  {
    most: limits.shotName,
    of: ({ name }) => name.length,
    rule: `The name of a shot may have up to ${said(limits.shotName)} characters`,
    hint: 'Choose a shorter one.',
  },
  {
    most: limits.shotChunks,
    of: ({ chunks }) => chunks,
    rule: `A shot may be up to ${said(limits.shotChunks)} chunks long`,
    hint: 'Divide it among several shots.',
  },
  {
    most: limits.seed,
    of: ({ seed }) => seed,
    rule: `A seed is a whole number up to ${said(limits.seed)}`,
    hint: 'Choose a smaller one.',
  },
  {
    most: limits.shotSounds,
    of: ({ sounds }) => sounds?.length ?? 0,
    rule: `A shot may have up to ${said(limits.shotSounds)} sounds`,
    hint: 'Hang some on another shot, or delete some.',
  },
  {
    most: limits.soundName,
    of: ({ sounds }) => (sounds ?? []).reduce((most, { name }) => Math.max(most, name.length), 0),
    rule: `The name of a sound may have up to ${said(limits.soundName)} characters`,
    hint: 'Choose a shorter one.',
  },
  {
    most: footageLimits.chunks,
    of: ({ footage }) => footage?.chunks.length ?? 0,
    rule: `Footage may have up to ${said(footageLimits.chunks)} chunks`,
    hint: 'Take a part of it.',
  },
  {
    most: footageLimits.name,
    of: ({ footage }) => footage?.name.length ?? 0,
    rule: `The name of footage may have up to ${said(footageLimits.name)} characters`,
    hint: 'Give its file a shorter one.',
  },
  ...memoryLimits<ProjectShot>('A shot'),
];

/**
 * Refuses a change that makes something larger than its limit. What is too large already (an older Throughline saved
 * it) may stay as large as it is, so that it can be edited and made smaller.
 * @throws ThroughlineError `bad-input`, which names what is too large, by how much, and what to do
 */
export function requireWithinLimits(before: ProjectDocument, after: ProjectDocument): void {
  for (const limit of documentLimits) requireOne(limit, before, after, '');
  if (before.shots === after.shots) return;
  const unchanged = new Set(before.shots);
  const byId = new Map(before.shots.map((shot) => [shot.id, shot]));
  for (const shot of after.shots) {
    if (unchanged.has(shot)) continue;
    const was = byId.get(shot.id);
    for (const limit of shotLimits) requireOne(limit, was, shot, `"${shotTitle(shot)}": `);
  }
}

/** Why a shot cannot be generated as it is stored: an older Throughline saved what no command allows now. Null: it can be. */
export function beyondLimits(shot: ProjectShot): ThroughlineError | null {
  const limit = shotLimits.find(({ most, of }) => of(shot) > most);
  return limit ? broken(limit, limit.of(shot), `"${shotTitle(shot)}": `) : null;
}

function requireOne<Thing>(limit: Limit<Thing>, before: Thing | undefined, after: Thing, where: string): void {
  const now = limit.of(after);
  if (now > limit.most && (before === undefined || now > limit.of(before))) throw broken(limit, now, where);
}

function broken<Thing>({ rule, hint }: Limit<Thing>, now: number, where: string): ThroughlineError {
  return new ThroughlineError('bad-input', `${where}${rule}; this would be ${said(now)}.`, hint);
}

function memoryLimits<Thing extends Pick<ProjectShot, 'memory'>>(whose: string): Limit<Thing>[] {
  return [
    {
      most: limits.pins,
      of: ({ memory }) => memory.pins?.length ?? 0,
      rule: `${whose} may always remember up to ${said(limits.pins)} frames`,
      hint: 'Let go of one that is no longer needed.',
    },
    {
      most: limits.bans,
      of: ({ memory }) => memory.bans?.length ?? 0,
      rule: `${whose} may exclude up to ${said(limits.bans)} frames`,
      hint: 'Let some be used again.',
    },
  ];
}

function said(count: number): string {
  return count.toLocaleString('en-US');
}
