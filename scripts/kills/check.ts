import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { verifyFilm } from '../../src/main/export/index.ts';
import { openProjectFile } from '../../src/main/persistence/index.ts';
import { DocumentHistory } from '../../src/main/studio/project/history/document-history.ts';
import type { VictimFact } from './victim.ts';

/** What was acknowledged of a folder's projects and films, over all the lives of its victims. */
export class Acknowledged {
  readonly edits = new Map<string, number>();
  readonly chunks = new Map<string, Set<string>>();
  readonly files = new Set<string>();
  readonly films = new Set<string>();
  readonly wrong: string[] = [];

  /** The newest facts, to look at where something is lost. */
  readonly newest: VictimFact[] = [];

  hear(fact: VictimFact): void {
    this.newest.push(fact);
    if (this.newest.length > 40) this.newest.shift();
    switch (fact.fact) {
      case 'ready':
        return;
      case 'saved':
        this.files.add(fact.file);
        this.edits.set(fact.file, fact.edit);
        return;
      case 'chunk':
        this.#chunksOf(fact.file).add(fact.key);
        return;
      case 'cleaning':
        this.chunks.delete(fact.file);
        return;
      case 'kept':
        // One that was made just before may be gone as well: it was not among those to be kept.
        this.chunks.set(fact.file, new Set(fact.keys));
        return;
      case 'copied':
        this.files.add(fact.file);
        return;
      case 'film':
        this.films.add(fact.file);
        return;
      case 'wrong':
        this.wrong.push(fact.what);
        return;
    }
  }

  #chunksOf(file: string): Set<string> {
    const known = this.chunks.get(file) ?? new Set<string>();
    this.chunks.set(file, known);
    return known;
  }
}

/**
 * Opens everything that lies in a victim's folder, and says what is not as it was acknowledged, or is half.
 * Nobody else may have it open.
 */
export async function findLosses(folder: string, known: Acknowledged): Promise<string[]> {
  const losses = known.wrong.splice(0);
  const inFolder = (name: string, ending: string): string[] => {
    try {
      return readdirSync(join(folder, name))
        .filter((file) => file.endsWith(ending))
        .map((file) => join(folder, name, file));
    } catch {
      return [];
    }
  };
  const projects = inFolder('projects', '.throughline');
  for (const file of known.files) if (!projects.includes(file)) losses.push(`${file} is gone`);
  for (const file of projects) losses.push(...(await lossesOf(file, known)));
  const films = inFolder('films', '.mp4');
  for (const film of known.films) if (!films.includes(film)) losses.push(`${film} is gone`);
  for (const film of films) {
    await verifyFilm(film).catch((error) => losses.push(`${film} is half: ${error.message}`));
  }
  return losses;
}

async function lossesOf(file: string, known: Acknowledged): Promise<string[]> {
  const losses: string[] = [];
  const store = await openProjectFile(file).catch((error) => {
    losses.push(`${file} cannot be opened: ${error.message}`);
    return null;
  });
  if (!store) return losses;
  try {
    const contents = await store.contents();
    const { document, notices } = new DocumentHistory(contents);
    for (const { message } of notices) losses.push(`${file}: ${message}`);
    const { chunks, takes, jobs } = contents.skipped;
    if (chunks + takes + jobs > 0) losses.push(`${file}: ${JSON.stringify(contents.skipped)} were left out`);
    const edit = Number(/^edit (\d+)$/.exec(document.title)?.[1] ?? 0);
    const saved = known.edits.get(file) ?? 0;
    if (edit < saved) losses.push(`${file} is at edit ${edit}, and ${saved} was said to be saved`);
    // A life goes on from what is there now.
    known.edits.set(file, edit);
    const stored = new Set(contents.chunks.map(({ key }) => key));
    for (const key of known.chunks.get(file) ?? []) {
      if (!stored.has(key)) losses.push(`${file} has lost chunk ${key.slice(0, 8)}`);
    }
    for (let after: number | null = 0; after !== null; ) {
      const answer: { damaged: string[]; next: number | null } = await store.findDamaged(after, 100);
      for (const key of answer.damaged) losses.push(`${file}: chunk ${key.slice(0, 8)} is half`);
      after = answer.next;
    }
    for (const take of contents.takes) {
      if (!take.keys.every((key) => stored.has(key))) losses.push(`${file}: take ${take.id} has lost a chunk`);
    }
  } catch (error) {
    losses.push(`${file} cannot be read: ${(error as Error).message}`);
  } finally {
    await store.close();
  }
  return losses;
}
