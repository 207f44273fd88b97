import { type DragEvent, type FormEvent, useState } from 'react';
import {
  bytesToGet,
  type FoundFile,
  type InstalledModel,
  type LookedAt,
  type PublishedOffer,
  requiredParts,
} from '../../../../shared/models.ts';
import { api, attempt, desktopBridge, notify, shownError, useStudio } from '../../../state/index.ts';
import { Button, Field, TextField } from '../../../ui/index.ts';
import { sizeWords } from '../../words.ts';
import dialogs from '../dialogs.module.css';
import { asInput, ChoiceFields, type Choices, firstChoices, freeName } from './choices.tsx';
import css from './models.module.css';

interface Props {
  readonly offers: readonly PublishedOffer[];
  readonly models: readonly InstalledModel[];
}

/** Files that are on this machine: what each is, what is missing, and the import. */
export function UseFiles({ offers, models }: Props) {
  const desktop = useStudio((state) => state.host?.host === 'desktop');
  const [path, setPath] = useState('');
  const [paths, setPaths] = useState<readonly string[]>([]);
  const [found, setFound] = useState<LookedAt | null>(null);
  const [looking, setLooking] = useState(false);
  const [problem, setProblem] = useState<{ readonly message: string; readonly hint: string } | null>(null);
  const look = async (more: readonly string[]) => {
    const all = [...new Set([...paths, ...more.filter((one) => one !== '')])];
    if (all.length === 0) return;
    setLooking(true);
    setProblem(null);
    try {
      setFound(await api.models.look({ paths: all }));
      setPaths(all);
      setPath('');
    } catch (error) {
      setProblem(shownError(error));
    }
    setLooking(false);
  };
  const typed = (event: FormEvent) => {
    event.preventDefault();
    void look([path.trim()]);
  };
  const taken = (event: DragEvent) => {
    event.preventDefault();
    event.stopPropagation(); // elsewhere in the window projects and scripts are dropped
  };
  const dropped = (event: DragEvent) => {
    taken(event);
    const places = [...event.dataTransfer.files].map((file) => desktopBridge()?.pathForFile(file) ?? '');
    if (places.some((place) => place !== '')) void look(places);
    else
      notify({
        level: 'info',
        message: 'A browser does not say where dropped files lie.',
        hint: 'Type the path of their folder instead.',
      });
  };
  const choose = async () => {
    const chosen = await attempt(api.dialogs.chooseFile({ purpose: 'model-files' }));
    if (chosen) await look([chosen.file]);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is one more way to what the field below does
    <div className={dialogs.rows} onDragOver={taken} onDrop={dropped}>
      <form onSubmit={typed}>
        <Field
          label="Folder or file"
          help="A folder of downloads, a Hugging Face cache, a ComfyUI models folder. Nothing in it is changed."
        >
          {(id) => (
            <span className={dialogs.inline}>
              <TextField
                id={id}
                value={path}
                autoFocus
                placeholder={desktop ? 'Drop a folder here, or type its path' : 'Path on this machine'}
                spellCheck={false}
                onChange={(event) => setPath(event.target.value)}
              />
              {desktop && <Button onClick={() => void choose()}>Choose…</Button>}
              <Button type="submit" disabled={path.trim() === '' || looking}>
                {found ? 'Add' : 'Look'}
              </Button>
            </span>
          )}
        </Field>
      </form>
      {problem && (
        <div className={dialogs.failure} role="alert">
          {problem.message} {problem.hint}
        </div>
      )}
      {looking && (
        <p className={dialogs.note} role="status">
          Looking at the files…
        </p>
      )}
      {found && !looking && <Found key={paths.join()} found={found} offers={offers} models={models} />}
    </div>
  );
}

/**
 * One file of each kind; of a model with two generators, both. A LoRA only where it lies beside the generator: folders of
 * other tools hold those of other models and styles.
 */
function firstOfEach({ files, recipe }: LookedAt): ReadonlySet<string> {
  const taken = new Map<string, string>();
  const generator = files.find(({ kind }) => kind === 'generator');
  for (const { kind, path } of files) {
    const key = kind === 'generator' && recipe === 'mag' ? path : kind;
    if (kind === 'lora' && (!generator || folderOf(path) !== folderOf(generator.path))) continue;
    if (key !== null && !taken.has(key)) taken.set(key, path);
  }
  return new Set(taken.values());
}

function folderOf(path: string): string {
  return path.replace(/[^/\\]*$/, '');
}

function Found({ found, offers, models }: Props & { readonly found: LookedAt }) {
  const taken = models.map(({ id }) => id);
  const [ticked, setTicked] = useState<ReadonlySet<string>>(() => firstOfEach(found));
  const [choices, setChoices] = useState<Choices>(() => ({
    ...firstChoices,
    recipe: found.recipe,
    name: freeName(found.recipe, taken),
  }));
  const chosen = found.files.filter(({ path }) => ticked.has(path));
  const missing = requiredParts.filter((part) => !chosen.some(({ kind }) => kind === part));
  const generators = chosen.filter(({ kind }) => kind === 'generator');
  const problem = problemOf(choices, generators.length, missing.length);
  const offer = offers.find(({ recipe }) => recipe === choices.recipe);
  const fetched = offer
    ? bytesToGet(
        offer,
        missing,
        chosen.some(({ kind }) => kind === 'lora'),
      )
    : 0;
  const begin = () => {
    const paths = chosen.map(({ path }) => path);
    const input = asInput(choices);
    const remembers = choices.recipe === 'mag' ? generators[1]?.path : undefined;
    void attempt(
      missing.length === 0
        ? api.models.import({ ...input, paths, ...(remembers === undefined ? {} : { memoryModel: remembers }) })
        : api.models.get({ ...input, repository: null, files: [], have: paths }),
    );
  };
  const tick = (path: string, on: boolean) =>
    setTicked((before) => new Set(on ? [...before, path] : [...before].filter((one) => one !== path)));
  return (
    <>
      <ul className={css.files} aria-label="Files that were found">
        {found.files.map((file) => (
          <li key={file.path}>
            <FileRow file={file} ticked={ticked.has(file.path)} onTick={(on) => tick(file.path, on)} />
          </li>
        ))}
        {found.files.length === 0 && <li className={dialogs.note}>There are no weights in it.</li>}
      </ul>
      {missing.length > 0 && (
        <div className={dialogs.warning}>
          Still missing:
          <ul>
            {missing.map((part) => (
              <li key={part}>{found.wanted[part]}</li>
            ))}
          </ul>
        </div>
      )}
      <ChoiceFields choices={choices} offers={offers} withRecipe onChange={setChoices} />
      <span className={dialogs.inline}>
        <Button look="making" disabled={problem !== null || chosen.length === 0} onClick={begin}>
          {missing.length === 0 ? 'Import' : `Get what is missing, about ${sizeWords(fetched)}, and import`}
        </Button>
        <span className={dialogs.note}>{problem ?? 'It is used as soon as it is ready.'}</span>
      </span>
      {missing.length > 0 && problem === null && (
        <p className={dialogs.note}>
          Files come from the Hugging Face Hub and are used under their licences.
          {missing.includes('generator') && ` ${offer?.name}’s: ${offer?.licence ?? 'see its page'}.`}
        </p>
      )}
    </>
  );
}

/** Why what is ticked cannot be imported; null where it can. */
function problemOf({ recipe }: Choices, generators: number, missing: number): string | null {
  if (recipe === 'mag' && generators !== 2)
    return 'MAG has two generators: tick the one that draws and the one that remembers.';
  if (recipe === 'mag' && missing > 0) return 'Add the files that are missing.';
  if (recipe !== 'mag' && generators > 1) return 'Tick one generator.';
  return null;
}

function FileRow({
  file,
  ticked,
  onTick,
}: {
  readonly file: FoundFile;
  readonly ticked: boolean;
  readonly onTick: (on: boolean) => void;
}) {
  return (
    <>
      <label className={css.file} title={file.path}>
        <input
          type="checkbox"
          checked={ticked}
          disabled={file.kind === null}
          onChange={(event) => onTick(event.target.checked)}
        />
        <strong>{file.name}</strong>
        <span className={dialogs.note}>
          {file.what}, {sizeWords(file.sizeBytes)}
        </span>
      </label>
      {file.problem && (
        <p className={css.problem}>
          {file.problem.message} {file.problem.hint}
        </p>
      )}
    </>
  );
}
