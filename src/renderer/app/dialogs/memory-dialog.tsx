import { menuFor } from '../../actions/menus.ts';
import { MemoryPanel } from '../../memory/index.ts';
import { closeDialog } from '../../state/view.ts';
import { ContextMenu, Dialog } from '../../ui/index.ts';

/** Pixels left free beside the window. */
const margin = 64;
const largestWidth = 1500;

/** The memory views of the selected chunk over the whole window, side by side. */
export function MemoryDialog() {
  return (
    <Dialog title="Memory" width={Math.min(largestWidth, window.innerWidth - margin)} onClose={closeDialog}>
      <ContextMenu entriesFor={menuFor}>
        <div style={{ containerType: 'inline-size' }}>
          <MemoryPanel />
        </div>
      </ContextMenu>
    </Dialog>
  );
}
