import { InvalidArgumentError, Option } from 'commander';
import { listedChoices } from '../../shared/memories/index.ts';
import type { PromptTelling } from '../../shared/story.ts';
import type { FarmFlags } from './farm-options.ts';
import { type FootageFlags, footageOptions } from './footage.ts';
import { type Defaults, engineOptions, group, storyOptions, wholeNumber } from './render-options.ts';
import type { EngineFlags } from './story-engine.ts';

/** The options of `throughline compare`, as commander hands them over. */
export interface CompareFlags extends EngineFlags, FarmFlags, FootageFlags {
  readonly memories?: readonly string[];
  readonly seeds: number;
  readonly seed?: number;
  readonly returns?: readonly { readonly shot: number; readonly back: number }[];
  readonly csv?: string;
  readonly json?: string;
  readonly png?: string;
  readonly story?: number;
  readonly chunksPerPrompt: number;
  readonly prompts?: PromptTelling;
  readonly quiet?: boolean;
}

const mostSeeds = 64;

export function compareOptions(defaults: Defaults): Option[] {
  const choices = listedChoices.map(({ id, name, short }) => `${id} (${name}): ${short}`);
  return [
    ...group('What to compare:', [
      new Option('--memories <list>', `which, by commas (default: all the model has). ${choices.join('; ')}`).argParser(
        memoryList,
      ),
      new Option('--seeds <n>', 'films of each memory, from as many seeds, for intervals')
        .argParser(wholeNumber(1, mostSeeds))
        .default(1),
      new Option('--seed <n>', 'the first seed (default: the story’s)').argParser(wholeNumber(0, 2 ** 32 - 1)),
      new Option(
        '--returns <list>',
        'shots that should look alike, first visit and return, as 1:5,2:7 (default: what the prompts say)',
      ).argParser(returnList),
      ...footageOptions(),
    ]),
    ...group('What to write:', [
      new Option('--csv <file>', 'the numbers, a line for each film').argParser(ending('.csv')),
      new Option('--json <file>', 'the numbers, the story, and the key of every chunk').argParser(ending('.json')),
      new Option('--png <file>', 'one picture: a frame of every shot under each memory').argParser(ending('.png')),
    ]),
    ...storyOptions(),
    ...engineOptions(defaults),
  ];
}

function memoryList(text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.some((name) => name === '')) throw new InvalidArgumentError('It takes names with commas between them.');
  return [...new Set(names)];
}

function returnList(text: string): { shot: number; back: number }[] {
  return text.split(',').map((pair) => {
    const numbers = /^\s*(\d{1,6}):(\d{1,6})\s*$/.exec(pair);
    const [shot, back] = [Number(numbers?.[1]) - 1, Number(numbers?.[2]) - 1];
    if (!(shot >= 0 && back > shot)) throw new InvalidArgumentError('It takes pairs of shots such as 1:5,2:7.');
    return { shot, back };
  });
}

function ending(expected: string): (path: string) => string {
  return (path) => {
    if (!path.toLowerCase().endsWith(expected))
      throw new InvalidArgumentError(`It takes a name ending in ${expected}.`);
    return path;
  };
}
