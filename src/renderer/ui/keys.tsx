import css from './keys.module.css';

const isMac = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.platform);
const macNames: Record<string, string> = { Ctrl: '⌘', Alt: '⌥', Shift: '⇧', Enter: '↩' };

/** A shortcut as keys. Written `Ctrl+Shift+E`; Macs see their own signs. */
export function Keys({ keys }: { readonly keys: string }) {
  return (
    <span className={css.keys}>
      {(keys === '+' ? ['+'] : keys.split('+')).map((key) => (
        <kbd key={key}>{isMac ? (macNames[key] ?? key) : key}</kbd>
      ))}
    </span>
  );
}
