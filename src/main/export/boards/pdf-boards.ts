import { loadImage, PDFDocument, type SKRSContext2D } from '@napi-rs/canvas';
import { type EditPlan, shotName } from '../../../shared/edit/edit-plan.ts';
import { ThroughlineError } from '../../../shared/errors.ts';
import { graphemes } from '../../../shared/text.ts';
import { writeFileAtomically } from '../../files/index.ts';
import type { FilmFrame, FrameFormat, FrameJob, FrameSink, Written } from '../formats/format.ts';
import { missingGlyphs, missingGlyphsNote } from '../missing-glyphs.ts';
import { families, registerFonts } from '../pictures/fonts.ts';
import { createStage } from '../pictures/stage.ts';
import type { Box } from '../sheet-layout.ts';
import { footerHeight, layoutPage, lineHeight, margin, type PanelBox, textSize, wrap } from './layout.ts';
import { type BoardsOptions, boardsOptions } from './options.ts';
import { panelText } from './panel-text.ts';

/** Height in pixels that pictures are printed from. */
const pictureHeight = 480;
/** More than this is no longer printed by anybody, and has to be held in memory. */
const mostPanels = 2000;

const ink = { text: '#111418', faint: '#5b6570', line: '#c4ccd4', empty: '#f1f3f5' } as const;

/**
 * Storyboards on paper: a PDF with a picture and the chosen fields of every shot, real text and embedded fonts.
 * Text that does not fit its panel ends in an ellipsis, and the export says so.
 */
export const pdfBoards: FrameFormat<BoardsOptions> = {
  id: 'pdf',
  label: 'Boards (PDF)',
  ending: '.pdf',
  mime: 'application/pdf',
  defaultFps: null,
  needs: 'frames',
  options: boardsOptions,
  open: async (job) => {
    registerFonts();
    const panels = job.plan.shots.length * (job.options.pictures === 'ends' ? 2 : 1);
    if (panels > mostPanels) {
      throw new ThroughlineError(
        'bad-input',
        `These boards would have ${panels} panels; ${mostPanels} is the most.`,
        'Export a shorter cut, or one picture a shot.',
      );
    }
    return new PdfSink(job);
  },
};

/** A panel: a picture of a shot. */
interface Panel {
  readonly shot: number;
  /** `1/2` where a shot has two. */
  readonly part: string;
  /** JPEG; null where nothing was generated. */
  picture: Buffer | null;
}

class PdfSink implements FrameSink {
  readonly #job: FrameJob<BoardsOptions>;
  readonly #panels: Panel[];
  readonly #seen: number[];
  readonly #stage;

  constructor(job: FrameJob<BoardsOptions>) {
    this.#job = job;
    const parts = job.options.pictures === 'ends' ? ['1/2', '2/2'] : [''];
    this.#panels = job.plan.shots.flatMap((_, shot) => parts.map((part) => ({ shot, part, picture: null })));
    this.#seen = job.plan.shots.map(() => 0);
    this.#stage = createStage({ source: job.source, height: pictureHeight, aspect: 'film', fit: 'letterbox' });
  }

  async add({ rgb, shot, part }: FilmFrame): Promise<void> {
    if (part !== 'shown') return;
    const frames = this.#job.frames[shot]?.shown ?? 0;
    const index = this.#seen[shot] ?? 0;
    this.#seen[shot] = index + 1;
    const wanted = this.#job.options.pictures === 'ends' ? [0, frames - 1] : [Math.floor(frames / 2)];
    const panels = this.#panels.filter((panel) => panel.shot === shot);
    for (const [i, panel] of panels.entries()) {
      if (wanted[i] !== index) continue;
      this.#stage.show(rgb);
      panel.picture = await this.#stage.canvas.encode('jpeg', 92);
    }
  }

  async finish(): Promise<Written> {
    const { target, plan } = this.#job;
    const { bytes, cut, texts } = await drawBoards(this.#job, this.#panels);
    const path = await writeFileAtomically(target, bytes);
    const glyphs = missingGlyphsNote(missingGlyphs([plan.title, ...texts].join(' '), families));
    const overfull =
      cut === 0
        ? null
        : `The text of ${cut === 1 ? 'one panel' : `${cut} panels`} did not fit and ends in "…". Choose fewer panels a page, or fewer fields.`;
    return { path, notes: [glyphs, overfull].filter((note) => note !== null) };
  }

  async abort(): Promise<void> {}
}

async function drawBoards(
  { plan, options, source, signal }: FrameJob<BoardsOptions>,
  panels: readonly Panel[],
): Promise<{ bytes: Uint8Array; cut: number; texts: string[] }> {
  const layout = layoutPage(options, source);
  const logo = options.logo === '' ? null : await readLogo(options.logo);
  const document = new PDFDocument({ title: plan.title, creator: 'Throughline' });
  const pages = Math.max(1, Math.ceil(panels.length / layout.panels.length));
  const texts: string[] = [];
  let cut = 0;
  for (let page = 0; page < pages; page++) {
    signal?.throwIfAborted();
    const context = document.beginPage(layout.page.width, layout.page.height) as SKRSContext2D;
    drawHeader(context, plan, options, layout.page.width, logo);
    drawFooter(context, layout.page, `${page + 1} / ${pages}`);
    for (const [i, box] of layout.panels.entries()) {
      const panel = panels[page * layout.panels.length + i];
      if (!panel) break;
      await drawPicture(context, box.picture, panel);
      const fits = drawText(context, box, plan, panel, options, texts);
      if (!fits) cut++;
    }
    document.endPage();
  }
  return { bytes: document.close(), cut, texts };
}

type Logo = Awaited<ReturnType<typeof loadImage>>;

async function readLogo(dataUrl: string): Promise<Logo> {
  try {
    return await loadImage(dataUrl);
  } catch (cause) {
    throw new ThroughlineError('bad-input', 'The logo is not a picture that can be read.', 'Use a PNG or JPEG file.', {
      cause,
    });
  }
}

function drawHeader(
  context: SKRSContext2D,
  plan: EditPlan,
  { date }: BoardsOptions,
  width: number,
  logo: Logo | null,
): void {
  const baseline = margin + 12;
  let left = margin;
  if (logo) {
    const height = 20;
    const logoWidth = Math.min(120, (logo.width / logo.height) * height);
    context.drawImage(logo, left, baseline - 15, logoWidth, height);
    left += logoWidth + 10;
  }
  font(context, 600, textSize.title);
  context.fillStyle = ink.text;
  const room = width - left - margin - 150;
  context.fillText(
    wrap(plan.title || 'Untitled', room, (text) => context.measureText(text).width)[0] ?? '',
    left,
    baseline,
  );
  font(context, 400, textSize.header);
  context.fillStyle = ink.faint;
  const facts = [date, `${plan.fps} fps`, `${plan.shots.length} ${plan.shots.length === 1 ? 'shot' : 'shots'}`];
  const line = facts.filter((fact) => fact !== '').join('   ');
  context.fillText(line, width - margin - context.measureText(line).width, baseline);
  context.strokeStyle = ink.line;
  context.lineWidth = 0.6;
  context.beginPath();
  context.moveTo(margin, margin + 20);
  context.lineTo(width - margin, margin + 20);
  context.stroke();
}

function drawFooter(context: SKRSContext2D, page: { width: number; height: number }, text: string): void {
  font(context, 400, textSize.header);
  context.fillStyle = ink.faint;
  const x = page.width - margin - context.measureText(text).width;
  context.fillText(text, x, page.height - margin + footerHeight / 2 - 4);
}

async function drawPicture(context: SKRSContext2D, box: Box, { picture }: Panel): Promise<void> {
  if (picture) {
    context.drawImage(await loadImage(picture), box.x, box.y, box.width, box.height);
  } else {
    context.fillStyle = ink.empty;
    context.fillRect(box.x, box.y, box.width, box.height);
    font(context, 400, textSize.body);
    context.fillStyle = ink.faint;
    const text = 'not generated yet';
    context.fillText(text, box.x + (box.width - context.measureText(text).width) / 2, box.y + box.height / 2);
  }
  context.strokeStyle = ink.line;
  context.lineWidth = 0.8;
  context.strokeRect(box.x, box.y, box.width, box.height);
}

/** Writes a panel's text; false where not all of it fits. */
function drawText(
  context: SKRSContext2D,
  { text: box }: PanelBox,
  plan: EditPlan,
  { shot: index, part }: Panel,
  { fields }: BoardsOptions,
  texts: string[],
): boolean {
  const shot = plan.shots[index];
  if (!shot) return true;
  const measure = (text: string): number => context.measureText(text).width;
  const bottom = box.y + box.height;
  let y = box.y;
  const write = (text: string, weight: 400 | 600, size: number, fill: string): boolean => {
    font(context, weight, size);
    context.fillStyle = fill;
    const lines = wrap(text, box.width, measure);
    for (const [i, line] of lines.entries()) {
      const step = size * lineHeight;
      const isLast = y + 2 * step > bottom && i < lines.length - 1;
      if (y + step > bottom) return false;
      context.fillText(isLast ? ellipsis(line, box.width, measure) : line, box.x, y + size);
      y += step;
      if (isLast) return false;
    }
    return true;
  };
  const heading = `${shotName(shot, index)}${part ? `  ${part}` : ''}`;
  texts.push(heading);
  let fits = write(heading, 600, textSize.label, ink.text);
  for (const { name, text } of panelText(plan, shot, fields)) {
    if (!fits) break;
    texts.push(text);
    fits = write(name === '' ? text : `${name}: ${text}`, 400, textSize.body, name === '' ? ink.text : ink.faint);
  }
  return fits;
}

function ellipsis(line: string, width: number, measure: (text: string) => number): string {
  const signs = graphemes(line);
  while (signs.length > 0 && measure(`${signs.join('')}…`) > width) signs.pop();
  return `${signs.join('').trimEnd()}…`;
}

function font(context: SKRSContext2D, weight: 400 | 600, size: number): void {
  context.font = `${weight} ${size}px ${families}`;
  // Inter raises brackets, colons and × beside capitals and digits; a PDF then has them as signs without a meaning, and
  // whoever searches or copies the text loses them.
  context.fontFeatureSettings = '"calt" 0';
}
