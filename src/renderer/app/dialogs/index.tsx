import { CompareMemories } from '../../lab/compare-memories.tsx';
import { useView } from '../../state/view.ts';
import { AboutDialog } from './about-dialog.tsx';
import { DeleteDialog } from './delete-dialog.tsx';
import { ExportDialog } from './export/export-dialog.tsx';
import { FileDialog } from './file-dialog.tsx';
import { ImportDialog } from './import/import-dialog.tsx';
import { MemoryDialog } from './memory-dialog.tsx';
import { ModelsDialog } from './models/models-dialog.tsx';
import { NameCutDialog } from './name-cut-dialog.tsx';
import { Palette } from './palette.tsx';
import { SettingsDialog } from './settings-dialog.tsx';
import { ShortcutsDialog } from './shortcuts-dialog.tsx';
import { StorageDialog } from './storage-dialog.tsx';
import { UnsavedDialog } from './unsaved-dialog.tsx';
import { SaveVersionDialog, VersionsDialog } from './versions-dialog.tsx';
import { WordsDialog } from './words-dialog.tsx';

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
    case 'models':
      return <ModelsDialog part={dialog.part} recipe={dialog.recipe} />;
    case 'about':
      return <AboutDialog />;
    case 'memory':
      return <MemoryDialog />;
    case 'compare-memories':
      return <CompareMemories />;
    case 'words':
      return <WordsDialog />;
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
      return <ImportDialog script={dialog.script ?? null} />;
    case 'unsaved':
      return <UnsavedDialog {...dialog} />;
    case 'name-cut':
      return <NameCutDialog leaf={dialog.leaf} />;
  }
}
