import type { FarmPlace, FarmTrial, Settings } from '../../../shared/api/types.ts';
import { ThroughlineError } from '../../../shared/errors.ts';
import type { BucketKeys } from '../../farm/index.ts';
import type { PathDoor } from '../../files/index.ts';
import { shownError } from '../shown-error.ts';
import type { FarmBucketKeys } from './bucket-keys.ts';
import type { FarmDesk } from './farm-desk.ts';
import { type FarmPassword, splitPassword } from './farm-password.ts';
import { checkedPlace } from './farm-place.ts';
import type { KeptWhere } from './kept-secret.ts';

export interface FarmSettingsOptions {
  readonly settings: () => Settings;
  readonly password: FarmPassword;
  readonly bucketKeys: FarmBucketKeys;
  readonly paths: PathDoor;
  readonly desk: FarmDesk;
  /** The farm that renders is reached in another way from now on. */
  readonly onOtherAccess: () => Promise<void>;
}

/** What a person says of the farm: where it is, and what opens it. */
export class FarmSettings {
  readonly #options: FarmSettingsOptions;

  constructor(options: FarmSettingsOptions) {
    this.#options = options;
  }

  /**
   * A farm as a person named it, fit to be kept among the settings; a password in its address is kept outside of them.
   * @throws ThroughlineError as {@link checkedPlace}
   */
  async accept(given: FarmPlace): Promise<FarmPlace> {
    const { place, password } = await checkedPlace(given, this.#options.paths);
    if (password !== null) this.#options.password.set(place.queue, password);
    return place;
  }

  /**
   * Looks whether a farm can be used from here; nothing is changed.
   * @param password null tries the one that is kept, and so does `keys`
   */
  async tryOut(given: FarmPlace, password: string | null, keys: BucketKeys | null): Promise<FarmTrial> {
    try {
      const { place, password: inAddress } = await checkedPlace(given, this.#options.paths);
      return await this.#options.desk.tryIt(place, password ?? inAddress, keys);
    } catch (error) {
      const { message, hint } = shownError(error);
      return { findings: [{ ok: false, message, hint }] };
    }
  }

  /** Keeps the password of the farm's queue, outside of every file of ours. Empty forgets it. */
  async setPassword(password: string): Promise<{ readonly kept: KeptWhere }> {
    const { farm } = this.#options.settings();
    if (!farm) throw noFarm();
    const kept = this.#options.password.set(splitPassword(farm.queue).queue, password);
    if (this.#options.desk.place) await this.#options.onOtherAccess();
    return { kept };
  }

  /** Keeps the keys of the farm's bucket, outside of every file of ours. Null forgets them: the environment's are used. */
  async setBucketKeys(keys: BucketKeys | null): Promise<{ readonly kept: KeptWhere }> {
    const { farm } = this.#options.settings();
    const kept = farm && this.#options.bucketKeys.set(farm.store, keys);
    if (!kept)
      throw new ThroughlineError(
        'bad-input',
        'The farm’s store is no bucket, and needs no keys.',
        'Say first which bucket: s3://bucket/prefix?endpoint=https://host.',
      );
    if (this.#options.desk.place) await this.#options.onOtherAccess();
    return { kept };
  }
}

/** For whoever wants something of a farm while the settings name none. */
export function noFarm(): ThroughlineError {
  return new ThroughlineError('bad-input', 'No farm is known yet.', 'Say first where its queue and its store are.');
}
