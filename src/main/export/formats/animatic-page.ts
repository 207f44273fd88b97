import { type EditPlan, shotName } from '../../../shared/edit/edit-plan.ts';
import { timecodeOf } from '../../../shared/edit/timecode.ts';
import type { PictureSize } from '../geometry.ts';
import { cuesOf } from '../scripts/subtitles.ts';

/** A page that needs nothing else: the film as data, subtitles, and the shots to jump to. No script but its own. */
export function animaticPage(plan: EditPlan, film: Uint8Array, { width, height }: PictureSize): string {
  const shots = plan.shots.flatMap((shot, i) => {
    if (shot.frameCount === 0) return [];
    const { scene, dialogue, notes, camera } = shot.fields;
    const facts = [scene, dialogue, camera, notes].filter((text) => text.trim() !== '');
    return [
      `<li><button type="button" data-start="${(shot.startFrame / plan.fps).toFixed(3)}">
<b>${escaped(shotName(shot, i))}</b> <time>${timecodeOf(plan.startTimecodeFrame + shot.startFrame, plan.fps)}</time>
<span>${escaped(shot.fields.action || shot.prompt)}</span>
${facts.map((fact) => `<small>${escaped(fact)}</small>`).join('\n')}</button></li>`,
    ];
  });
  const cues = cuesOf(plan).map(
    ({ startSec, endSec, text }) => `${vttTime(startSec)} --> ${vttTime(endSec)}\n${text.replaceAll('-->', '->')}\n`,
  );
  const vtt = `data:text/vtt;base64,${Buffer.from(`WEBVTT\n\n${cues.join('\n')}`).toString('base64')}`;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escaped(plan.title)}</title>
<style>
:root { color-scheme: dark; font: 15px/1.45 system-ui, sans-serif; background: #0e1116; color: #dde3ea }
body { margin: 0; display: grid; gap: 20px; grid-template-columns: minmax(0, 1fr) 340px; padding: 20px; box-sizing: border-box }
h1 { grid-column: 1 / -1; margin: 0; font-size: 20px }
video { width: 100%; aspect-ratio: ${width} / ${height}; background: #000; border-radius: 8px }
ol { list-style: none; margin: 0; padding: 0; display: grid; gap: 6px; align-content: start; max-height: 90vh; overflow: auto }
button { all: unset; display: block; width: 100%; box-sizing: border-box; padding: 8px 10px; border-radius: 6px; cursor: pointer; background: #161b22 }
button:hover, button:focus-visible { background: #202833 } button[aria-current] { outline: 2px solid #8fd14f }
time, small { color: #8b97a5; font-size: 12.5px } span, small { display: block; white-space: pre-wrap; overflow-wrap: anywhere }
@media (max-width: 800px) { body { grid-template-columns: minmax(0, 1fr) } }
</style>
<h1>${escaped(plan.title)}</h1>
<video controls playsinline src="data:video/mp4;base64,${Buffer.from(film).toString('base64')}">
${cues.length > 0 ? `<track kind="subtitles" srclang="und" label="Dialogue" src="${vtt}" default>` : ''}
</video>
<ol>${shots.join('\n')}</ol>
<script>
const film = document.querySelector('video');
const shots = [...document.querySelectorAll('[data-start]')];
for (const shot of shots) shot.addEventListener('click', () => { film.currentTime = Number(shot.dataset.start) + 0.001; film.play(); });
film.addEventListener('timeupdate', () => {
  const now = shots.findLast((shot) => Number(shot.dataset.start) <= film.currentTime + 0.01);
  for (const shot of shots) shot.toggleAttribute('aria-current', shot === now);
});
</script>
</html>
`;
}

function vttTime(sec: number): string {
  const ms = Math.round(sec * 1000);
  const two = (value: number): string => String(value).padStart(2, '0');
  const seconds = Math.floor(ms / 1000);
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}.${String(ms % 1000).padStart(3, '0')}`;
}

function escaped(text: string): string {
  return text
    .toWellFormed()
    .replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`)
    .replaceAll('\u0000', '');
}
