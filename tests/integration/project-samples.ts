import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ProjectFile } from '../../src/main/persistence/project-file.ts';
import { emptyDocument } from '../../src/shared/project/apply-command.ts';
import type { ProjectDocument } from '../../src/shared/project/document.ts';
import { sampleChain } from './persistence-samples.ts';

export const sampleDocument = (title: string): string => JSON.stringify(emptyDocument(title));

/** The smallest bytes that pass for a WebP picture. */
export function samplePicture(content: string): Uint8Array {
  const bytes = Buffer.alloc(64);
  bytes.write('RIFF', 0, 'latin1');
  bytes.writeUInt32LE(bytes.length - 8, 4);
  bytes.write('WEBP', 8, 'latin1');
  bytes.write(content, 12, 'latin1');
  return bytes;
}

export const samplePictures = (content = 'picture') =>
  [
    { kind: 'strip.webp', data: samplePicture(`strip of ${content}`) },
    { kind: 'thumb.webp', data: samplePicture(`thumb of ${content}`) },
  ] as const;

/** Commits the next `count` chunks of the sample story. */
export function addChunks(project: ProjectFile, count: number): void {
  const stored = project.contents().chunks.length;
  for (const artifact of sampleChain(stored + count, { values: 2000 }).slice(stored))
    project.putChunk(artifact, 9, samplePictures(), null);
}

/** One change of the document, as the studio saves one. */
export function retitle(project: ProjectFile, title: string): void {
  const { number, data } = project.contents();
  const document: ProjectDocument = { ...JSON.parse(data), title };
  const put = [
    { id: number + 1, label: 'change the project', gesture: null, delta: JSON.stringify({ shots: [], order: null }) },
  ];
  project.saveDocument({
    ...{ data: JSON.stringify(document), number: number + 1, at: number + 1 },
    ...{ dropAfter: null, put, keepFrom: 0 },
  });
}

export function titleOf(project: ProjectFile): string {
  return JSON.parse(project.contents().data).title;
}

/** The program of project-writer.ts, for `node`. */
export const writer = fileURLToPath(new URL('./project-writer.ts', import.meta.url));

/** Does a task in another process and waits for its end. */
export function other(task: string, at: string, argument = ''): void {
  const { signal, status, stderr } = spawnSync(process.execPath, ['--no-warnings', writer, task, at, argument], {
    encoding: 'utf8',
  });
  if (status !== 0 && signal !== 'SIGKILL') throw new Error(stderr);
}
