import { commandLineParsers } from './command-line-parsers.ts';
import { hostParsers } from './host-parsers.ts';
import { modelParsers } from './model-parsers.ts';
import type { Parser } from './parser.ts';
import { projectParsers } from './project-parsers.ts';
import { storyParsers } from './story-parsers.ts';

/** Everything of ours that reads what comes from outside. */
export const parsers: readonly Parser[] = [
  ...storyParsers,
  ...projectParsers,
  ...modelParsers,
  ...hostParsers,
  ...commandLineParsers,
];
