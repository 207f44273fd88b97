/** Work at models that takes a while: look, import, get, check. */
export { downloadsFolderOf, runTask, type TaskSurroundings } from './run-task.ts';
export { type TaskOptions, taskInProcess } from './task-client.ts';
