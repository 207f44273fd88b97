import { expect, test } from 'vitest';
import type { ProjectState } from '../../shared/api/types.ts';
import type { ModelInfo } from '../../shared/render.ts';
import { reduceEvent, type StudioState, useStudio } from './studio.ts';

const model = (digest: string) => ({ digest, chunkFrames: 3 }) as ModelInfo;
const project = (of: ModelInfo | null, id = 'a'): ProjectState => ({
  ...{ id, file: '/f', revision: 1, undo: null, redo: null, save: { state: 'saved' }, readOnly: null, model: of },
  document: { ...({ version: 1, title: '' } as unknown as ProjectState['document']), shots: [] },
});
function after(state: StudioState, ...events: Parameters<typeof reduceEvent>[1][]): StudioState {
  const now = { ...state };
  for (const event of events) Object.assign(now, reduceEvent(now, event));
  return now;
}
const fresh = useStudio.getInitialState();

test('while no model is loaded a project is judged by the one it was last open with', () => {
  const opened = after(fresh, { type: 'project', project: project(model('m')) });
  expect(opened.model?.digest).toBe('m');
  const loading = after(opened, { type: 'engine', engine: { state: 'loading', model: 'm' } });
  expect(loading.model?.digest).toBe('m');
  // The same one is the same object: nothing is planned again for an edit, or when it is loaded.
  const edited = after(loading, { type: 'project', project: project(model('m')) });
  expect(edited.model).toBe(opened.model);
  expect(after(edited, { type: 'engine', engine: { state: 'ready', info: model('m') } }).model).toBe(opened.model);
});

test('a model that is loaded counts, whatever the project was last open with', () => {
  const ready = after(fresh, { type: 'engine', engine: { state: 'ready', info: model('loaded') } });
  expect(after(ready, { type: 'project', project: project(model('m')) }).model?.digest).toBe('loaded');
  expect(after(ready, { type: 'project', project: null }).model?.digest).toBe('loaded');
});
