export { type EncodedPrompt, PromptTokenizer } from './prompt-tokenizer.ts';
export { cleanPrompt, type TextCleaning } from './text-cleaning.ts';
