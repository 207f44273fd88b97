import { expect, test } from 'vitest';
import type { StudioEvent } from '../../../shared/api/types.ts';
import type { Asset } from '../../../shared/assets/asset.ts';
import { KeptAssets } from './kept-assets.ts';

function picture(id: string): Asset {
  return { id, kind: 'picture', name: `${id}.png`, mediaType: 'image/png', sizeBytes: 1, sound: null };
}

test('while unused assets are deleted, those that stay and those that come can be named', async () => {
  const [used, unused, late] = ['a', 'b', 'c'].map((letter) => picture(letter.repeat(64))) as [Asset, Asset, Asset];
  const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<Asset[]>();
  const events: StudioEvent[] = [];
  const kept = new KeptAssets(
    [used, unused],
    {
      store: {
        assets: () => {
          ask();
          return answer.promise;
        },
      },
      write: (work) => work({ deleteUnusedAssets: async () => ({ assets: 1, bytes: 1 }) }),
    },
    { publish: (event) => events.push(event) },
  );
  const put = ({ id }: Asset) =>
    kept.require([{ type: 'put-picture', shotId: null, picture: { asset: id, name: 'Mia' } }]);
  const deleted = kept.deleteUnused();
  await asked;
  put(used);
  kept.note(late);
  answer.resolve([used]);
  expect(await deleted).toEqual({ assets: 1, bytes: 1 });
  put(used);
  put(late);
  expect(() => put(unused)).toThrow('is not in this project');
  expect(kept.all).toEqual([used, late]);
  expect(events.at(-1)).toEqual({ type: 'assets', assets: [used, late] });
});
