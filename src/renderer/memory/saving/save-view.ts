/** Pixels of the saved picture per pixel on screen. */
const imageScale = 2;
/** Of a font face that names no range. */
const everyCharacter = 'U+0-10FFFF';
/** Space around a saved view, in pixels on screen. */
const imagePadding = 4;

/** Hands the person a file, as downloads do. */
export function saveFile(name: string, type: string, content: BlobPart): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** Saves an element as it looks now, as `<name>.png`; parts marked `data-export="skip"` are left out. */
export async function saveImage(element: HTMLElement, name: string): Promise<void> {
  saveFile(`${name}.png`, 'image/png', await drawElement(element));
}

/**
 * The element as a PNG: its markup, the window's styles and its pictures in one SVG image, which may load nothing else.
 */
export async function drawElement(element: HTMLElement): Promise<Blob> {
  const { width, height } = sizeWithoutSkipped(element);
  const copy = element.cloneNode(true) as HTMLElement;
  await embedPictures(element, copy);
  for (const part of copy.querySelectorAll('[data-export="skip"]')) part.remove();
  const size = { width: width + 2 * imagePadding, height: height + 2 * imagePadding };
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  for (const { name, value } of document.documentElement.attributes) {
    if (name.startsWith('data-')) svg.setAttribute(name, value);
  }
  svg.setAttribute('width', `${size.width}`);
  svg.setAttribute('height', `${size.height}`);
  const style = document.createElementNS('http://www.w3.org/2000/svg', 'style');
  style.textContent = await styleText();
  const page = document.createElementNS('http://www.w3.org/2000/svg', 'foreignObject');
  page.setAttribute('width', '100%');
  page.setAttribute('height', '100%');
  const body = document.createElement('div');
  const theme = getComputedStyle(element);
  Object.assign(body.style, { padding: `${imagePadding}px`, height: '100%', background: groundOf(element) });
  for (const property of ['color', 'fontFamily', 'fontSize', 'lineHeight'] as const)
    body.style[property] = theme[property];
  body.className = element.closest('[data-heat]')?.className ?? '';
  body.append(copy);
  page.append(body);
  svg.append(style, page);
  return rasterise(new XMLSerializer().serializeToString(svg), size);
}

/** The room that an element takes without the parts that are left out. */
function sizeWithoutSkipped(element: HTMLElement): { width: number; height: number } {
  const skipped = [...element.querySelectorAll<HTMLElement>('[data-export="skip"]')];
  const displays = skipped.map(({ style }) => style.display);
  for (const { style } of skipped) style.display = 'none';
  const { width, height } = element.getBoundingClientRect();
  for (const [i, { style }] of skipped.entries()) style.display = displays[i] ?? '';
  return { width, height };
}

/** The colour that an element lies on. */
function groundOf(element: HTMLElement): string {
  for (let at: Element | null = element; at; at = at.parentElement) {
    const { backgroundColor } = getComputedStyle(at);
    if (backgroundColor !== 'rgba(0, 0, 0, 0)') return backgroundColor;
  }
  return 'var(--surface)';
}

async function rasterise(svg: string, size: { width: number; height: number }): Promise<Blob> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = new OffscreenCanvas(Math.ceil(size.width * imageScale), Math.ceil(size.height * imageScale));
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas.convertToBlob({ type: 'image/png' });
}

/** Every style sheet's rules, fonts as data. A sheet that may not be read (of another origin) is none of ours. */
async function styleText(): Promise<string> {
  const rules = [...document.styleSheets].flatMap((sheet) => {
    try {
      return [...sheet.cssRules];
    } catch {
      return [];
    }
  });
  const texts = await Promise.all(
    rules.map((rule) => (rule instanceof CSSFontFaceRule ? fontText(rule) : rule.cssText)),
  );
  return texts.join('\n');
}

/** A font face that the window uses, with its file inside; nothing for one it does not use. */
async function fontText(rule: CSSFontFaceRule): Promise<string> {
  const property = (name: string): string => rule.style.getPropertyValue(name);
  const used = [...document.fonts].some(
    (face) =>
      face.status === 'loaded' &&
      face.family.replaceAll('"', '') === property('font-family').replaceAll('"', '') &&
      face.weight === property('font-weight') &&
      face.unicodeRange === (property('unicode-range') || everyCharacter),
  );
  const address = /url\("?([^")]+)"?\)/.exec(property('src'))?.[1];
  if (!used || address === undefined) return '';
  const file = new URL(address, rule.parentStyleSheet?.href ?? document.baseURI).href;
  return rule.cssText.replace(/src:[^;]+;/, `src: url("${await dataUrl(file)}");`);
}

/** Pictures and canvases of the original, as data in the copy. */
async function embedPictures(element: HTMLElement, copy: HTMLElement): Promise<void> {
  const targets = [...copy.querySelectorAll('img, image')];
  await Promise.all(
    targets.map(async (target) => {
      const attribute = target.tagName === 'image' ? 'href' : 'src';
      const address = target.getAttribute(attribute);
      target.removeAttribute('loading');
      if (address) target.setAttribute(attribute, await dataUrl(address));
    }),
  );
  const originals = [...element.querySelectorAll('canvas')];
  for (const [i, canvas] of [...copy.querySelectorAll('canvas')].entries()) {
    const picture = document.createElement('img');
    picture.className = canvas.className;
    picture.style.cssText = canvas.style.cssText;
    picture.src = originals[i]?.toDataURL() ?? '';
    canvas.replaceWith(picture);
  }
}

async function dataUrl(address: string): Promise<string> {
  const response = await fetch(address);
  if (!response.ok) return '';
  const blob = await response.blob();
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}
