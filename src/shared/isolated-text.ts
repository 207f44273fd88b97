const controls = /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/;
const opensIsolate = /[\u2066-\u2068]/;

/**
 * A text that cannot reorder what stands beside it in a label or a line: one that turns the direction of writing
 * (U+202E and its like) is put into an isolate of its own (U+2068 to U+2069), which ends whatever is left open in it.
 * Ends of isolates that it did not begin are taken out, since they would end ours. Other texts stay as they are.
 */
export function isolatedText(text: string): string {
  if (!controls.test(text)) return text;
  let open = 0;
  let inside = '';
  for (const character of text) {
    if (opensIsolate.test(character)) open += 1;
    if (character === '\u2069') {
      if (open === 0) continue;
      open -= 1;
    }
    inside += character;
  }
  return `\u2068${inside}${'\u2069'.repeat(open)}\u2069`;
}

/** The text without marks that turn the direction of writing: for names of files. */
export function withoutDirectionMarks(text: string): string {
  return text.replace(new RegExp(controls, 'g'), '');
}
