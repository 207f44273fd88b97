/** What of an element decides whether it takes text; a DOM element is one. */
export interface FocusedElement {
  readonly tagName: string;
  readonly isContentEditable?: boolean;
  getAttribute(name: string): string | null;
}

/** Input types that hold no text a person edits. */
const textless = new Set([
  'button',
  'checkbox',
  'color',
  'file',
  'hidden',
  'image',
  'radio',
  'range',
  'reset',
  'submit',
]);

/** Whether undo, with this element in focus, means its text and not the document. */
export function takesText(element: FocusedElement | null): boolean {
  if (!element) return false;
  if (element.isContentEditable) return true;
  if (element.tagName === 'TEXTAREA') return true;
  return element.tagName === 'INPUT' && !textless.has((element.getAttribute('type') ?? 'text').toLowerCase());
}
