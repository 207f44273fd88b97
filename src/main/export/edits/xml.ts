import { XMLBuilder } from 'fast-xml-parser';

/** A node as fast-xml-parser keeps it where order matters. */
type Node = Readonly<Record<string, unknown>>;

const builder = new XMLBuilder({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  format: true,
  indentBy: '  ',
  suppressEmptyNode: true,
  processEntities: true,
});

/** An element with attributes (undefined ones are left out) and children: elements, texts, or null for nothing. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | number | undefined>>,
  ...children: readonly (Node | string | number | null)[]
): Node {
  const given = Object.entries(attributes).filter(([, value]) => value !== undefined);
  return {
    [name]: children
      .filter((child) => child !== null)
      .map((child) => (typeof child === 'object' ? child : { '#text': legalText(String(child)) })),
    ...(given.length > 0
      ? { ':@': Object.fromEntries(given.map(([key, value]) => [key, legalText(String(value))])) }
      : {}),
  };
}

/** A document: the declaration, the document type, the root. */
export function xmlDocument(doctype: string, root: Node): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE ${doctype}>\n${builder.build([root]).trim()}\n`;
}

/** Without the characters that XML 1.0 cannot hold, escaped or not. */
export function legalText(text: string): string {
  return (
    text
      .toWellFormed()
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what XML 1.0 forbids
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
  );
}
