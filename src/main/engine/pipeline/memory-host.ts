import type { MadeContext, MemoryFeed, MemoryHost, MemoryPrompt } from '../memory/host.ts';
import type { Device } from '../runtime/device.ts';
import type { DeviceTensor } from '../runtime/device-tensor.ts';
import { type Feed, hostFloats, hostInts } from '../runtime/graph.ts';
import { withTensors } from '../runtime/tensor-scope.ts';
import { runLimits } from './memory-plan.ts';
import type { ModelGraphs } from './model-graphs.ts';
import type { RoundKv } from './page-codec.ts';
import type { Page, PageStore } from './page-store.ts';
import type { PreparedPrompt } from './prompt.ts';

/** A context on the device, as the DiT graph is fed it. */
export class ContextTensors implements MadeContext {
  readonly feeds: Readonly<Record<string, DeviceTensor>>;

  constructor(feeds: Readonly<Record<string, DeviceTensor>>) {
    this.feeds = feeds;
  }

  dispose(): void {
    for (const tensor of Object.values(this.feeds)) tensor.dispose();
  }
}

/** How pages are kept. */
export interface PageKeeping {
  /** As a commit's are rounded; null keeps them as they are. */
  readonly round: RoundKv | null;
  /** Of one frame's, all layers together; null where that is not known. */
  readonly storedFrameBytes: number | null;
}

/** Lets a memory module run its graphs over the pages that are loaded. */
export function memoryHost(
  device: Device,
  graphs: ModelGraphs,
  pages: PageStore,
  { round, storedFrameBytes }: PageKeeping = { round: null, storedFrameBytes: null },
): MemoryHost {
  const feedOf = (feed: MemoryFeed): Feed => {
    switch (feed.kind) {
      case 'key':
        return pages.get(feed.ref, feed.layer).k;
      case 'value':
        return pages.get(feed.ref, feed.layer).v;
      case 'text-key':
        return textKey(feed.prompt, feed.layer);
      case 'text-value':
        return (feed.prompt as PreparedPrompt).textV[feed.layer] as DeviceTensor;
      case 'text-embedding':
        return embeddingOf(feed.prompt);
      case 'ints':
        return hostInts(feed.values);
      case 'floats':
        return hostFloats(feed.values, feed.dims);
    }
  };
  const inputsOf = async (feeds: Readonly<Record<string, MemoryFeed>>): Promise<Record<string, Feed>> => {
    await pages.bring(
      Object.values(feeds).flatMap((feed) =>
        feed.kind === 'key' || feed.kind === 'value' ? [{ ...feed.ref, layer: feed.layer }] : [],
      ),
    );
    return Object.fromEntries(Object.entries(feeds).map(([name, feed]) => [name, feedOf(feed)]));
  };
  const { dim, layers } = graphs.config.dit;
  /** Its rounded values and what they lack, on the device; rounded as well, which takes next to nothing. Disposes its input. */
  const rounded = async (whole: DeviceTensor): Promise<[DeviceTensor, DeviceTensor]> => {
    const values = await device.download(whole);
    const kept = values.slice();
    round?.(kept, dim);
    const lost = values.map((value, i) => value - (kept[i] as number));
    round?.(lost, dim);
    const { dims } = whole;
    whole.dispose();
    const page = await device.upload(kept, dims);
    try {
      return [page, await device.upload(lost, dims)];
    } catch (error) {
      page.dispose();
      throw error;
    }
  };
  return {
    config: graphs.config,
    storedFrameBytes,
    limits: runLimits(graphs.config, pages.deviceBytes, graphs.logitsBytes),
    run: async (graph, feeds, output, read) => {
      const loaded = await graphs.ofMemory(graph);
      const inputs = await inputsOf(feeds);
      return withTensors(async (scope) => {
        const results = scope.ownAll(await loaded.run(inputs, [output]));
        return read(await device.download(results[output] as DeviceTensor));
      });
    },
    runFor: async (graph, feeds, outputs) => {
      const loaded = await graphs.ofMemory(graph);
      const inputs = await inputsOf(feeds);
      return withTensors(async (scope) => {
        const results = scope.ownAll(await loaded.run(inputs, [...outputs]));
        const values = {} as Record<(typeof outputs)[number], Float32Array>;
        for (const name of outputs) values[name] = (await device.download(results[name] as DeviceTensor)).slice();
        return values;
      });
    },
    makeContext: async (graph, feeds) => {
      const loaded = await graphs.ofMemory(graph);
      return new ContextTensors(await loaded.run(await inputsOf(feeds), loaded.outputNames));
    },
    makePages: async (graph, feeds, made) => {
      const loaded = await graphs.ofMemory(graph);
      await withTensors(async (scope) => {
        const [kept, lost]: [Page[], Page[]] = [[], []];
        for (let layer = 0; layer < layers; layer++) {
          const { k, v } = scope.ownAll(await loaded.run(await inputsOf(feeds(layer)), ['k', 'v']));
          const keys = (await rounded(k as DeviceTensor)).map((tensor) => scope.own(tensor));
          const values = (await rounded(v as DeviceTensor)).map((tensor) => scope.own(tensor));
          for (const [i, all] of [kept, lost].entries())
            all.push({ k: keys[i] as DeviceTensor, v: values[i] as DeviceTensor });
        }
        for (const page of [...kept, ...lost]) for (const tensor of [page.k, page.v]) scope.release(tensor);
        pages.put(made.page, kept);
        pages.put(made.remainder, lost);
      });
      await pages.trim();
    },
    textKeys: (prompt, layer) => device.download(textKey(prompt, layer)),
    identityOf: (ref) => pages.identity(ref),
  };
}

function embeddingOf(prompt: MemoryPrompt): Feed {
  const { embedding } = prompt as PreparedPrompt;
  if (!embedding) throw new Error('this module does not say that it extends prompts');
  return hostFloats(embedding, [prompt.length, embedding.length / prompt.length]);
}

/** Modules are given prompts as the pipeline prepared them, and give them back. */
function textKey(prompt: MemoryPrompt, layer: number): DeviceTensor {
  return (prompt as PreparedPrompt).textK[layer] as DeviceTensor;
}
