import { useView } from '../state/view.ts';
import { AboutDialog } from './dialogs/about-dialog.tsx';
import { DeleteDialog } from './dialogs/delete-dialog.tsx';
import { ExportDialog } from './dialogs/export-dialog.tsx';
import { FileDialog } from './dialogs/file-dialog.tsx';
import { ImportDialog } from './dialogs/import-dialog.tsx';
import { NameCutDialog } from './dialogs/name-cut-dialog.tsx';
import { Palette } from './dialogs/palette.tsx';
import { SettingsDialog } from './dialogs/settings-dialog.tsx';
import { ShortcutsDialog } from './dialogs/shortcuts-dialog.tsx';
import { StorageDialog } from './dialogs/storage-dialog.tsx';
import { SaveVersionDialog, VersionsDialog } from './dialogs/versions-dialog.tsx';

/** The window over the app, if there is one. */
export function Dialogs() {
  const dialog = useView((state) => state.dialog);
  switch (dialog?.kind) {
    case undefined:
      return null;
    case 'settings':
      return <SettingsDialog />;
    case 'storage':
      return <StorageDialog />;
    case 'about':
      return <AboutDialog />;
    case 'shortcuts':
      return <ShortcutsDialog />;
    case 'palette':
      return <Palette />;
    case 'versions':
      return <VersionsDialog />;
    case 'save-version':
      return <SaveVersionDialog />;
    case 'export':
      return <ExportDialog target={dialog.target} />;
    case 'delete':
      return <DeleteDialog ids={dialog.ids} />;
    case 'file':
      return <FileDialog purpose={dialog.purpose} />;
    case 'import':
      return <ImportDialog />;
    case 'name-cut':
      return <NameCutDialog leaf={dialog.leaf} />;
  }
}
