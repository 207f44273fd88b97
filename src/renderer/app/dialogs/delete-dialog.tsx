import type { ShotId } from '../../../shared/project/document.ts';
import { shotTitle, subtreeOf } from '../../../shared/project/tree.ts';
import { deleteShots } from '../../actions/shots.ts';
import { useStory } from '../../state/index.ts';
import { closeDialog } from '../../state/view.ts';
import { Button, Dialog } from '../../ui/index.ts';
import { counted } from '../words.ts';

/** What deleting shots that others follow would do, and the choice between the two ways. */
export function DeleteDialog({ ids }: { readonly ids: readonly ShotId[] }) {
  const document = useStory((state) => state.document);
  const first = useStory((state) => state.byId.get(ids[0] ?? ''));
  if (!document) return null;
  const after = subtreeOf(document, ids).length - ids.length;
  const what = ids.length === 1 && first ? `“${shotTitle(first)}”` : counted(ids.length, 'shot');
  const choose = (mode: 'heal' | 'subtree') => {
    deleteShots(ids, mode);
    closeDialog();
  };
  return (
    <Dialog
      title={`Delete ${what}?`}
      description={`${counted(after, 'shot')} ${after === 1 ? 'follows' : 'follow'}. If ${after === 1 ? 'it moves' : 'they move'} up, ${after === 1 ? 'its' : 'their'} results become stale, because what came before has changed. Nothing that was made is thrown away, and this can be undone.`}
      onClose={closeDialog}
      footer={
        <>
          <Button onClick={closeDialog}>Cancel</Button>
          <Button onClick={() => choose('subtree')}>Delete with everything after</Button>
          <Button look="danger" onClick={() => choose('heal')}>
            Delete, and move the rest up
          </Button>
        </>
      }
      width={600}
    />
  );
}
