import { useQuery } from '@tanstack/react-query';
import { Boxes, FilePlus, FolderOpen, Play } from 'lucide-react';
import { beginFrom, createProject, openFile, openProject, openSample } from '../actions/files.ts';
import { ask } from '../state/queries.ts';
import { openDialog } from '../state/view.ts';
import { Button } from '../ui/index.ts';
import css from './start-screen.module.css';
import { templates } from './templates/templates.ts';
import { agoWords } from './words.ts';

/** The way to a project: the sample, a new one, a file, or one of those opened before. */
export function StartScreen() {
  const { data: recent = [] } = useQuery({ ...ask.projects.recent.queryOptions(), staleTime: 0 });
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
          <Button onClick={() => openDialog({ kind: 'models' })}>
            <Boxes size={15} />
            Models
          </Button>
        </div>
        <section aria-label="Stories to begin from" className={css.templates}>
          <h2>Begin from a small story</h2>
          <ul>
            {templates.map((template) => (
              <li key={template.title}>
                <button type="button" onClick={() => void beginFrom(template.title, template.script)}>
                  <strong>{template.title}</strong>
                  <small>{template.about}</small>
                </button>
              </li>
            ))}
          </ul>
        </section>
        {recent.length > 0 && (
          <section aria-label="Recent projects">
            <ul className={css.recent}>
              {recent.map(({ file, place, title, openedAt, picture, missing }) => (
                <li key={file}>
                  <button type="button" disabled={missing} onClick={() => void openFile(file)}>
                    <span className={css.picture}>{picture !== null && <img src={picture} alt="" />}</span>
                    <strong>{title}</strong>
                    <small>{missing ? 'not found' : agoWords(openedAt, Date.now())}</small>
                    <small title={file}>{place}</small>
                  </button>
                </li>
              ))}
            </ul>
          </section>
        )}
        <p className={css.drop}>
          Scripts (Fountain, Final Draft, plain text, MemFlow, LongLive, Scope) can be dropped or pasted here.
        </p>
      </div>
    </main>
  );
}
