export { type Beginning, beginShot, type Scene } from './automatic-transition.ts';
export { type CompletedPrompt, completePrompt, type StorySoFar } from './completion/index.ts';
export { readScene } from './read-scene.ts';
export { type SceneWords, sceneWordsOf, type VocabularyWord } from './scene-words.ts';
