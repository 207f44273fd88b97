import { useQuery } from '@tanstack/react-query';
import { Eye, Pencil, Trash2 } from 'lucide-react';
import { type FormEvent, useMemo, useState } from 'react';
import { limits } from '../../../shared/project/limits.ts';
import { planProject } from '../../../shared/project/plan.ts';
import { shotTitle } from '../../../shared/project/tree.ts';
import {
  allSent,
  api,
  attempt,
  forProject,
  heard,
  notify,
  revisionOf,
  thumbUrl,
  useStudio,
} from '../../state/index.ts';
import { ask, queries } from '../../state/queries.ts';
import { closeDialog, openDialog } from '../../state/view.ts';
import { Button, Dialog, EmptyState, Field, IconButton, TextField } from '../../ui/index.ts';
import { agoWords, counted } from '../words.ts';
import css from './dialogs.module.css';
import own from './versions-dialog.module.css';

/** Gives the story as it is now a name to return to. */
export function SaveVersionDialog() {
  const [{ project }] = useState(forProject);
  const [name, setName] = useState('');
  const save = async (event: FormEvent) => {
    event.preventDefault();
    const trimmed = name.trim();
    if (trimmed === '') return;
    closeDialog();
    await allSent();
    try {
      await api.projects.nameVersion({ ...revisionOf(project), name: trimmed });
      notify({ level: 'info', message: `This version is kept as “${trimmed}”.` });
    } catch (error) {
      await attempt(Promise.reject(error));
    }
  };
  return (
    <Dialog
      title="Name this version"
      description="Everything is saved as it happens. A name is for coming back to this point."
      onClose={closeDialog}
    >
      <form className={css.rows} onSubmit={(event) => void save(event)}>
        <Field label="Name">
          {(id) => (
            <TextField
              id={id}
              value={name}
              maxLength={limits.versionName}
              autoFocus
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
        <Button type="submit" look="making" style={{ alignSelf: 'flex-end' }} disabled={name.trim() === ''}>
          Keep this version
        </Button>
      </form>
    </Dialog>
  );
}

type Version = Awaited<ReturnType<typeof api.projects.versions>>[number];

/** The named versions, newest first: looked at, gone back to, renamed, deleted. Going back to one can be undone. */
export function VersionsDialog() {
  const [{ project }] = useState(forProject);
  const { data: versions } = useQuery({
    ...ask.projects.versions.queryOptions({ input: { project } }),
    staleTime: 0,
  });
  const [looked, setLooked] = useState<number | null>(null);
  const refresh = () => queries.invalidateQueries({ queryKey: ask.projects.versions.key() });
  return (
    <Dialog title="Versions" description="Going back to one can be undone." width={560} onClose={closeDialog}>
      {versions?.length === 0 ? (
        <EmptyState
          text="No version has a name yet."
          action={<Button onClick={() => openDialog({ kind: 'save-version' })}>Name this version</Button>}
        />
      ) : (
        <ul className={own.list}>
          {versions?.map((version) => (
            <VersionRow
              key={version.id}
              project={project}
              version={version}
              open={looked === version.id}
              onLook={() => setLooked(looked === version.id ? null : version.id)}
              onChanged={refresh}
            />
          ))}
        </ul>
      )}
    </Dialog>
  );
}

interface VersionRowProps {
  readonly project: string;
  readonly version: Version;
  /** Whether its shots are shown. */
  readonly open: boolean;
  readonly onLook: () => void;
  readonly onChanged: () => void;
}

function VersionRow({ project, version: { id, name, createdAt }, open, onLook, onChanged }: VersionRowProps) {
  const [asked, setAsked] = useState<'rename' | 'delete' | null>(null);
  const restore = async () => {
    closeDialog();
    await allSent();
    const answer = await attempt(api.projects.restoreVersion({ ...revisionOf(project), id }));
    if (answer) heard(project, answer);
  };
  const change = async (work: Promise<unknown>) => {
    setAsked(null);
    await attempt(work);
    onChanged();
  };
  return (
    <li>
      <div className={own.row}>
        {asked === 'rename' ? (
          <Rename
            name={name}
            onName={(given) => void change(api.projects.renameVersion({ project, id, name: given }))}
          />
        ) : (
          <>
            <strong>{name}</strong>
            <span className={css.note}>{agoWords(createdAt, Date.now())}</span>
            <IconButton small label={`Look at “${name}”`} aria-expanded={open} onClick={onLook}>
              <Eye size={15} />
            </IconButton>
            <IconButton small label={`Rename “${name}”`} onClick={() => setAsked('rename')}>
              <Pencil size={15} />
            </IconButton>
            <IconButton small label={`Delete “${name}”`} onClick={() => setAsked('delete')}>
              <Trash2 size={15} />
            </IconButton>
            <Button small onClick={() => void restore()}>
              Go back to it
            </Button>
          </>
        )}
      </div>
      {asked === 'delete' && (
        <div className={css.warning} role="alert">
          Delete the version “{name}”? The story as it is now stays. This cannot be undone.
          <div className={css.inline} style={{ marginTop: 8 }}>
            <Button small onClick={() => void change(api.projects.deleteVersion({ project, id }))}>
              Delete it
            </Button>
            <Button small onClick={() => setAsked(null)}>
              Keep it
            </Button>
          </div>
        </div>
      )}
      {open && <VersionShots project={project} id={id} />}
    </li>
  );
}

function Rename({ name, onName }: { readonly name: string; readonly onName: (name: string) => void }) {
  const [given, setGiven] = useState(name);
  const ready = given.trim() !== '';
  return (
    <form
      className={css.inline}
      style={{ flex: 1 }}
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) onName(given.trim());
      }}
    >
      <TextField
        aria-label="New name of the version"
        value={given}
        maxLength={limits.versionName}
        autoFocus
        onChange={(event) => setGiven(event.target.value)}
      />
      <Button type="submit" small disabled={!ready}>
        Rename
      </Button>
    </form>
  );
}

/** Shots shown of a version. */
const mostShots = 24;

/** A version's shots, with their pictures where they are still stored. */
function VersionShots({ project, id }: { readonly project: string; readonly id: number }) {
  const { data: document } = useQuery(ask.projects.version.queryOptions({ input: { project, id } }));
  const model = useStudio((state) => state.model);
  const chunks = useStudio((state) => state.chunks);
  const plan = useMemo(() => (document && model ? planProject(document, model) : null), [document, model]);
  if (!document) return null;
  return (
    <div className={own.look}>
      <p className={css.note}>
        {document.title}, {counted(document.shots.length, 'shot')}
      </p>
      <ol className={own.shots}>
        {document.shots.slice(0, mostShots).map((shot) => {
          const keys = shot.held ?? plan?.chunksOf(shot.id).map(({ key }) => key) ?? [];
          const key = keys.find((candidate) => candidate !== null && chunks.has(candidate));
          return (
            <li key={shot.id}>
              <span className={own.picture}>{key != null && <img src={thumbUrl(key)} alt="" />}</span>
              <span title={shot.prompt}>{shotTitle(shot)}</span>
            </li>
          );
        })}
      </ol>
      {document.shots.length > mostShots && (
        <p className={css.note}>and {counted(document.shots.length - mostShots, 'more shot')}</p>
      )}
    </div>
  );
}
