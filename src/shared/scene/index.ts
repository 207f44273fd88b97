export { type Beginning, beginShot, type Scene } from './automatic-transition.ts';
export { type SceneWords, sceneWordsOf, type VocabularyWord } from './scene-words.ts';
