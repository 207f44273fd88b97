export { loadAudioCodecs } from './audio-codecs.ts';
export type { ByteReader } from './byte-reader.ts';
export { openSound, type SoundReader } from './decode-sound.ts';
