import type { z } from 'zod';

/** What an option takes, said of one that does not fit: `takes one of 1, 3`, `is at most 2160`. */
export function ruleOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_value':
      return `takes ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return `${measured(issue.origin)} at least ${issue.minimum}${unitOf(issue.origin)}`;
    case 'too_big':
      return `${measured(issue.origin)} at most ${issue.maximum}${unitOf(issue.origin)}`;
    case 'invalid_type':
      return `takes ${kinds[issue.expected] ?? 'something else'}`;
    default:
      return 'is not written as it has to be';
  }
}

const kinds: Record<string, string> = {
  int: 'a whole number',
  number: 'a number',
  string: 'text',
  boolean: 'true or false',
  array: 'a list',
};

const measured = (origin: string): string => (origin === 'string' || origin === 'array' ? 'has' : 'is');

function unitOf(origin: string): string {
  if (origin === 'string') return ' characters';
  return origin === 'array' ? ' entries' : '';
}
