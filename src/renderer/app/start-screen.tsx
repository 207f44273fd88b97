import { FilePlus, FolderOpen, Play } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { RecentProject } from '../../shared/api/types.ts';
import { createProject, openFile, openProject, openSample } from '../actions/files.ts';
import { api, attempt } from '../state/index.ts';
import { Button } from '../ui/index.ts';
import css from './start-screen.module.css';
import { agoWords } from './words.ts';

/** The way to a project: the sample, a new one, a file, or one of those opened before. */
export function StartScreen() {
  const [recent, setRecent] = useState<readonly RecentProject[]>([]);
  useEffect(() => {
    void attempt(api.projects.recent()).then((projects) => setRecent(projects ?? []));
  }, []);
  return (
    <main className={css.start}>
      <div className={css.inside}>
        <header>
          <img className={css.mark} src="./icon.svg" alt="" />
          <h1 className={css.name}>Throughline</h1>
          <p className={css.line}>A storyboard that remembers: write shots, watch them being made, branch anywhere.</p>
        </header>
        <div className={css.ways}>
          <Button look="making" onClick={() => void openSample()}>
            <Play size={15} />
            Open the sample
          </Button>
          <Button onClick={() => void createProject()}>
            <FilePlus size={15} />
            New story
          </Button>
          <Button onClick={() => void openProject()}>
            <FolderOpen size={15} />
            Open…
          </Button>
        </div>
        {recent.length > 0 && (
          <section aria-label="Recent projects">
            <ul className={css.recent}>
              {recent.map(({ file, place, title, openedAt, missing }) => (
                <li key={file}>
                  <button type="button" disabled={missing} onClick={() => void openFile(file)}>
                    <strong>{title}</strong>
                    <small>{missing ? 'not found' : agoWords(openedAt, Date.now())}</small>
                    <small title={file}>{place}</small>
                  </button>
                </li>
              ))}
            </ul>
          </section>
        )}
        <p className={css.drop}>Scripts (MemFlow, LongLive, Scope, plain text) can be dropped or pasted here.</p>
      </div>
    </main>
  );
}
