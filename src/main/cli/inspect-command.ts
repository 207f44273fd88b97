import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { z } from 'zod';
import { ThroughlineError } from '../../shared/errors.ts';
import { type Report, reportSchema } from '../../shared/report.ts';
import { Account } from './account.ts';
import type { Terminal } from './terminal.ts';

/** `throughline inspect`: prints what a report says. Throws `bad-input` for anything that is not a report. */
export async function inspect(path: string, onlyShot: number | undefined, terminal: Terminal): Promise<void> {
  const report = await readReport(path);
  if (onlyShot !== undefined && onlyShot > report.story.shots.length) {
    throw new ThroughlineError(
      'bad-input',
      `The story has ${report.story.shots.length} shots; there is no shot ${onlyShot}.`,
      `Give --shot a number from 1 to ${report.story.shots.length}.`,
    );
  }
  terminal.out(new Account(report, terminal.paint, terminal.columns).text(onlyShot));
}

async function readReport(path: string): Promise<Report> {
  const name = basename(path);
  const hint = 'Reports are written by: throughline render <story> --out film.mp4 --report report.json';
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw new ThroughlineError('bad-input', whyUnread(path, cause), hint, { cause });
  }
  const result = reportSchema.safeParse(value);
  if (result.success) return result.data;
  if (value !== null && typeof value === 'object' && 'format' in value && value.format === 'throughline-report') {
    const issue = result.error.issues[0];
    const place = z.core.toDotPath(issue?.path ?? []);
    throw new ThroughlineError(
      'bad-input',
      `${name}, ${place}: ${issue?.message}.`,
      'It was changed, or another version wrote it.',
    );
  }
  throw new ThroughlineError('bad-input', `${name} is not a report of a render.`, hint);
}

function whyUnread(path: string, cause: unknown): string {
  if (cause instanceof SyntaxError) return `${path} is not JSON.`;
  const code = cause instanceof Error && 'code' in cause ? cause.code : null;
  if (code === 'ENOENT') return `There is no file ${path}.`;
  if (code === 'EISDIR') return `This is a folder: ${path}`;
  return `${path} cannot be read.`;
}
