import type { ModelProgress, ModelResults, ModelTask } from '../../shared/models.ts';
import type { Outcome } from '../../shared/outcome.ts';

/** What the process of a task does. */
export interface TaskFunctions {
  run(task: ModelTask, modelsFolder: string): Promise<Outcome<ModelResults[ModelTask['kind']]>>;
  cancel(): void;
}

/** What it says by itself. */
export interface TaskOwner {
  onProgress(progress: ModelProgress): void;
}
