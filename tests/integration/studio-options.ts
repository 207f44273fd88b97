import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nanoid } from 'nanoid';
import { EngineClient } from '../../src/main/engine/client.ts';
import type { StudioOptions } from '../../src/main/studio/studio.ts';
import type { ProjectShot } from '../../src/shared/project/document.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
export const tinyModel = join(root, 'tests/fixtures/reference-small');

/** Folders as a person's machine has them, under one that goes with the test. */
export function studioOptions(folder: string): StudioOptions {
  const films = join(folder, 'films');
  mkdirSync(films, { recursive: true });
  return {
    host: {
      info: { host: 'browser', versions: {}, fallbackReason: null, platform: process.platform },
      chooseFile: null,
      reveal: null,
    },
    configFolder: join(folder, 'config'),
    cacheFolder: join(folder, 'cache'),
    projectsFolder: join(folder, 'projects'),
    filmsFolder: films,
    modelsFolder: join(folder, 'models'),
    modelFolder: tinyModel,
    sampleProjectFolder: join(folder, 'no-sample-project'),
    sampleStory: join(root, 'resources/stories/sample.json'),
    // Tiny graphs: a second thread only waits.
    startEngine: (engine) => EngineClient.start({ ...engine, device: 'cpu', threads: 1 }),
  };
}

export function newShot(prompt: string, chunks: number, more: Partial<ProjectShot> = {}): ProjectShot {
  const nothing = { parent: null, name: '', seedLocked: false, memory: {}, held: null } as const;
  return { id: nanoid(), prompt, chunks, seed: 7, transition: 'continue', ...nothing, ...more };
}
