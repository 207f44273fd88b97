import { attempt, notify } from '../state/index.ts';
import { useView } from '../state/view.ts';

/** The player's own element; there is one. */
function region(): HTMLElement | null {
  return document.querySelector('[data-player]');
}

/** Shows the player over the whole screen, or takes it back. */
export async function toggleFullScreen(): Promise<void> {
  if (document.fullscreenElement) {
    await attempt(document.exitFullscreen());
    return;
  }
  const element = region();
  if (!element) return;
  try {
    await element.requestFullscreen();
    element.focus();
  } catch {
    notify({ level: 'info', message: 'This window cannot fill the screen here.', hint: 'Enlarge the player instead.' });
  }
}

/** Lets the player cover the graph, or puts it back below it. */
export function toggleLarge(): void {
  useView.setState(({ playerLarge }) => ({ playerLarge: !playerLarge }));
}

/** Shows the film in a small window of its own, above all others, or takes it back. */
export async function toggleDetached(): Promise<void> {
  if (document.pictureInPictureElement) {
    await attempt(document.exitPictureInPicture());
    return;
  }
  const canvas = region()?.querySelector('canvas');
  if (!canvas) return;
  const video = document.createElement('video');
  const stream = canvas.captureStream();
  video.muted = true;
  video.srcObject = stream;
  video.addEventListener('leavepictureinpicture', () => {
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
  });
  try {
    await video.play();
    await video.requestPictureInPicture();
  } catch {
    for (const track of stream.getTracks()) track.stop();
    notify({
      level: 'info',
      message: 'The film cannot have a window of its own here.',
      hint: 'Enlarge the player instead.',
    });
  }
}
