export { type CompletedPrompt, completePrompt } from './complete-prompt.ts';
export type { StorySoFar } from './story-so-far.ts';
