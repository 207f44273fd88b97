import type { MadeContext, MemoryFeed, MemoryHost, MemoryPrompt } from '../memory/host.ts';
import type { Device } from '../runtime/device.ts';
import type { DeviceTensor } from '../runtime/device-tensor.ts';
import { type Feed, hostFloats, hostInts } from '../runtime/graph.ts';
import { withTensors } from '../runtime/tensor-scope.ts';
import { runLimits } from './memory-plan.ts';
import type { ModelGraphs } from './model-graphs.ts';
import type { PageStore } from './page-store.ts';
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

/** Lets a memory module run its graphs over the pages that are loaded. */
export function memoryHost(device: Device, graphs: ModelGraphs, pages: PageStore): MemoryHost {
  const feedOf = (feed: MemoryFeed): Feed => {
    switch (feed.kind) {
      case 'key':
        return pages.get(feed.ref, feed.layer).k;
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
      Object.values(feeds).flatMap((feed) => (feed.kind === 'key' ? [{ ...feed.ref, layer: feed.layer }] : [])),
    );
    return Object.fromEntries(Object.entries(feeds).map(([name, feed]) => [name, feedOf(feed)]));
  };
  return {
    config: graphs.config,
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
