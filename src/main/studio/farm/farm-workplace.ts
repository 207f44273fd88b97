import {
  Artifacts,
  type BucketKeys,
  chunksInRun,
  type MakerIdentity,
  openArtifactStore,
  openFarm,
  type PicturesHere,
  type QueueAddress,
} from '../../farm/index.ts';
import type { Workplace } from '../generation/workplace.ts';
import { chunkArtifact } from '../project/content/chunk-artifact.ts';
import type { OpenProject } from '../project/open-project.ts';
import { editorAdvice, toldInEditor } from './farm-words.ts';

/** A run of the editor takes about so long, in seconds: a pause and an edit count from its end on, and so does a lost worker. */
const secondsARun = 10;
/** A server that is gone must not keep the queue from going on elsewhere, in milliseconds. */
const leavingMs = 3000;

export interface FarmWorkplaceOptions {
  readonly address: QueueAddress;
  readonly store: string;
  /** Of a bucket, instead of those of the environment. */
  readonly keys: BucketKeys | null;
  readonly identity: MakerIdentity;
  readonly project: OpenProject;
  readonly pictures: PicturesHere;
  /** Median of those who suit; null while none has made anything. */
  readonly secondsAChunk: number | null;
  readonly onNote: (text: string) => void;
  readonly follow: NonNullable<Workplace['follow']>;
  /** See {@link FarmQueueOptions}; given in tests. */
  readonly patienceMs?: number | undefined;
}

/** A farm as the place where the queue of a project has its chunks made. @throws ThroughlineError `farm` */
export async function openFarmWorkplace(options: FarmWorkplaceOptions): Promise<Workplace> {
  const { address, identity, project, pictures, onNote, follow, patienceMs } = options;
  try {
    const store = await openArtifactStore(options.store, options.keys);
    const worker = await openFarm({
      address,
      identity,
      artifacts: new Artifacts(store, identity),
      artifactOf: (key) => chunkArtifact(project, key),
      pictures,
      advice: editorAdvice,
      onNote,
      ...(patienceMs === undefined ? {} : { patienceMs }),
    });
    try {
      // Only now: it creates the folder, which nobody wants of a queue that does not answer.
      await store.check();
    } catch (error) {
      await worker.dispose();
      throw error;
    }
    return {
      worker,
      identity,
      ahead: Number.POSITIVE_INFINITY,
      chunksAtMost: chunksInRun(options.secondsAChunk, secondsARun),
      follow,
      dispose: async () => {
        const left = worker.dispose().catch(() => {});
        await Promise.race([left, new Promise<void>((resolve) => setTimeout(resolve, leavingMs).unref())]);
      },
    };
  } catch (error) {
    throw toldInEditor(error);
  }
}
