import type { FarmPlace } from '../../../shared/api/types.ts';
import { openArtifactStore, parseQueueAddress } from '../../farm/index.ts';
import type { PathDoor } from '../../files/index.ts';
import { splitPassword } from './farm-password.ts';

/**
 * A farm as a person named it, fit to be kept: the password is taken out of the address, and a folder went through the door.
 * @throws ThroughlineError `bad-input` for an address that is none, and for a folder that may not be used
 */
export async function checkedPlace(
  given: FarmPlace,
  paths: PathDoor,
): Promise<{ readonly place: FarmPlace; readonly password: string | null }> {
  const { queue, password } = splitPassword(given.queue.trim());
  parseQueueAddress(queue);
  const store = given.store.trim();
  // Says what is wrong with an address; a folder is opened only once it may be.
  await openArtifactStore(store);
  const isFolder = !/^[a-z][a-z0-9+.-]+:\/\//i.test(store);
  return {
    place: { queue, store: isFolder ? await paths.admit(store, 'folder') : store, deviceClass: given.deviceClass },
    password,
  };
}
