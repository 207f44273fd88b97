import { fromPcm } from '../../../shared/sound/pcm.ts';

/** Blocks that are kept: a minute and a half. */
const mostBlocks = 64;

type Channels = readonly Float32Array<ArrayBuffer>[];

/** Blocks of recordings, as they are asked for. One that cannot be had is silent. */
export class BlockCache {
  readonly #blocks = new Map<string, Channels | Promise<Channels>>();

  /** The block if it is there; null while it is on its way, which is then begun. @param onCame called when it came */
  get(asset: string, block: number, channels: number, onCame: () => void): Channels | null {
    const name = `${asset}/${block}`;
    const known = this.#blocks.get(name);
    if (known) {
      this.#blocks.delete(name);
      this.#blocks.set(name, known); // used last
      return known instanceof Promise ? null : known;
    }
    const coming = load(asset, block, channels).then((samples) => {
      this.#blocks.set(name, samples);
      onCame();
      return samples;
    });
    this.#blocks.set(name, coming);
    for (const oldest of this.#blocks.keys()) {
      if (this.#blocks.size <= mostBlocks) break;
      this.#blocks.delete(oldest);
    }
    return null;
  }
}

async function load(asset: string, block: number, channels: number): Promise<Channels> {
  try {
    const answer = await fetch(`/media/sound/${asset}/${block}.pcm`);
    return answer.ok ? fromPcm(new Uint8Array(await answer.arrayBuffer()), channels) : [];
  } catch {
    return [];
  }
}
