import { create } from 'zustand';
import { player, usePlayer } from '../player/transport.ts';
import { forProject, notify } from '../state/index.ts';
import { hangSound, playheadSample, sendSound } from './sound-files.ts';

/** A recording ends by itself after so long, in milliseconds. */
const longestMs = 30 * 60_000;

interface RecorderState {
  /** `asking`: the person is asked whether the microphone may be used. */
  readonly state: 'off' | 'asking' | 'recording' | 'sending';
}

export const useRecorder = create<RecorderState>(() => ({ state: 'off' }));

let stopNow: (() => void) | null = null;
let recordings = 0;

/** Begins a recording at the playhead while the film plays, or ends the one that goes on. */
export async function toggleRecording(): Promise<void> {
  const { state } = useRecorder.getState();
  if (state === 'recording') return stopNow?.();
  if (state !== 'off') return;
  useRecorder.setState({ state: 'asking' });
  try {
    await record();
  } catch (error) {
    const { message, hint } = refusalWords(error);
    notify({ level: 'error', message, hint });
  } finally {
    stopNow = null;
    useRecorder.setState({ state: 'off' });
  }
}

async function record(): Promise<void> {
  // As it is: what makes speech clear in a call spoils everything else.
  const wanted = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
  if (!navigator.mediaDevices) throw new DOMException('no microphone here', 'SecurityError');
  const { project } = forProject();
  const stream = await navigator.mediaDevices.getUserMedia({ audio: wanted });
  const parts: Blob[] = [];
  let startSample = 0;
  try {
    const recorder = new MediaRecorder(stream);
    recorder.addEventListener('dataavailable', ({ data }) => parts.push(data));
    const ended = new Promise<void>((resolve, reject) => {
      recorder.addEventListener('stop', () => resolve(), { once: true });
      recorder.addEventListener('error', () => reject(new DOMException('the recording broke off', 'NotReadableError')));
    });
    await new Promise<void>((resolve) => {
      recorder.addEventListener('start', () => resolve(), { once: true });
      recorder.start(1000);
    });
    player.stop();
    startSample = playheadSample();
    player.play();
    useRecorder.setState({ state: 'recording' });
    const stop = (): void => {
      if (recorder.state !== 'inactive') recorder.stop();
    };
    stopNow = stop;
    // With the film the recording ends.
    const stopWatching = usePlayer.subscribe(({ transport }) => transport.rate === 0 && stop());
    const timer = setTimeout(stop, longestMs);
    await ended;
    clearTimeout(timer);
    stopWatching();
    player.stop();
  } finally {
    for (const track of stream.getTracks()) track.stop();
  }
  useRecorder.setState({ state: 'sending' });
  const body = new Blob(parts, { type: parts[0]?.type ?? '' });
  if (body.size === 0 || forProject().project !== project) return;
  const ending = body.type.includes('mp4') ? 'm4a' : body.type.includes('ogg') ? 'ogg' : 'webm';
  const asset = await sendSound(project, `Recording ${++recordings}.${ending}`, body);
  if (asset) hangSound(project, asset, startSample);
}

/** Why nothing could be recorded, and what to do. */
function refusalWords(error: unknown): { readonly message: string; readonly hint: string } {
  switch (error instanceof DOMException ? error.name : '') {
    case 'NotAllowedError':
      return {
        message: 'The microphone may not be used.',
        hint: 'Allow it for this page: in the address bar of the browser, or in the settings of the system.',
      };
    case 'NotFoundError':
      return { message: 'There is no microphone.', hint: 'Connect one, then record again.' };
    case 'NotReadableError':
      return {
        message: 'The microphone cannot be read.',
        hint: 'Another program may be using it. Close that, then record again.',
      };
    case 'SecurityError':
      return {
        message: 'The browser lets no page of this address use a microphone.',
        hint: 'Open Throughline with the link that it printed in the terminal.',
      };
    default:
      return { message: 'Nothing could be recorded.', hint: error instanceof Error ? error.message : '' };
  }
}
