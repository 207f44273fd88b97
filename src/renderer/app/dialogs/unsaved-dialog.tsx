import { duplicateProject } from '../../actions/files.ts';
import { closeDialog } from '../../state/view.ts';
import { Button, Dialog } from '../../ui/index.ts';

/** What is to become of changes that cannot be saved, asked before the project is left. */
export function UnsavedDialog({
  message,
  hint,
  discard,
}: {
  readonly message: string;
  readonly hint: string;
  readonly discard: () => Promise<void>;
}) {
  const after = (act: () => Promise<void>) => () => {
    closeDialog();
    void act();
  };
  return (
    <Dialog
      title="Some changes are not saved"
      description={`${message} ${hint}`}
      onClose={closeDialog}
      footer={
        <>
          <Button look="danger" onClick={after(discard)}>
            Leave without saving
          </Button>
          <Button onClick={after(duplicateProject)}>Save a copy elsewhere…</Button>
          <Button look="making" onClick={closeDialog}>
            Stay
          </Button>
        </>
      }
      width={600}
    />
  );
}
