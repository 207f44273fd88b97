import { ThroughlineError } from '../../../../shared/errors.ts';
import type { ProjectDocument } from '../../../../shared/project/document.ts';
import type { ProjectStore } from '../../../persistence/index.ts';
import { parseDocument } from './document-history.ts';

/** The versions that a person named. Every method throws ThroughlineError `bad-input` if there is no such version. */
export class NamedVersions {
  readonly #store: () => ProjectStore;

  /** @param store the file's content, asked for every time: a project may go to another file */
  constructor(store: () => ProjectStore) {
    this.#store = store;
  }

  async documentOf(id: number): Promise<ProjectDocument> {
    const data = await this.#store().versionDocument(id);
    if (data === null) throw noVersion();
    return parseDocument(data);
  }

  async nameOf(id: number): Promise<string> {
    const version = (await this.#store().versions()).find((candidate) => candidate.id === id);
    if (!version) throw noVersion();
    return version.name;
  }

  async rename(id: number, name: string): Promise<void> {
    if (!(await this.#store().renameVersion(id, name))) throw noVersion();
  }

  async delete(id: number): Promise<void> {
    if (!(await this.#store().deleteVersion(id))) throw noVersion();
  }
}

function noVersion(): ThroughlineError {
  return new ThroughlineError('bad-input', 'There is no such version.', 'Choose another.');
}
