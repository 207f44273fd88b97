import type { Asset } from '../../../shared/assets/asset.ts';
import type { Command } from '../../../shared/project/commands.ts';
import type { FreedAssets, ProjectStore } from '../../persistence/index.ts';
import type { EventHub } from '../event-hub.ts';
import { requireAssets } from './require-assets.ts';

/** Where the assets lie. */
export interface AssetPlace {
  readonly store: Pick<ProjectStore, 'assets'>;
  write<T>(write: (store: Pick<ProjectStore, 'deleteUnusedAssets'>) => Promise<T>): Promise<T>;
}

/** The sounds, pictures and footage that an open project has. */
export class KeptAssets {
  readonly #byDigest: Map<string, Asset>;
  readonly #place: AssetPlace;
  readonly #hub: Pick<EventHub, 'publish'>;

  /** @param assets as the file has them, in the order they came */
  constructor(assets: readonly Asset[], place: AssetPlace, hub: Pick<EventHub, 'publish'>) {
    this.#byDigest = new Map(assets.map((asset) => [asset.id, asset]));
    this.#place = place;
    this.#hub = hub;
  }

  /** In the order they came. */
  get all(): readonly Asset[] {
    return [...this.#byDigest.values()];
  }

  /** @throws ThroughlineError `bad-input` where a command names one that is not there */
  require(commands: readonly Command[]): void {
    requireAssets(commands, this.#byDigest);
  }

  /** An asset is in the file from now on. */
  note(asset: Asset): void {
    this.#byDigest.set(asset.id, asset);
    this.#publish();
  }

  /** Deletes those that nothing in the file names any more. What stays can be named by edits all the while. */
  async deleteUnused(): Promise<FreedAssets> {
    const before = [...this.#byDigest.keys()];
    const freed = await this.#place.write((store) => store.deleteUnusedAssets(false));
    const left = await this.#place.store.assets();
    const there = new Set(left.map(({ id }) => id));
    for (const id of before) if (!there.has(id)) this.#byDigest.delete(id);
    for (const asset of left) this.#byDigest.set(asset.id, asset);
    this.#publish();
    return freed;
  }

  #publish(): void {
    this.#hub.publish({ type: 'assets', assets: this.all });
  }
}
