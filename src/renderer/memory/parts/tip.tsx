import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from 'react';
import { createPortal } from 'react-dom';
import css from './tip.module.css';

interface Shown {
  /** In the window. */
  readonly x: number;
  readonly top: number;
  readonly bottom: number;
  readonly content: ReactNode;
}

interface Tip {
  /** Shows exact values beside a cell. One for a whole panel: a view may have thousands of cells. */
  readonly show: (anchor: DOMRect, content: ReactNode) => void;
  readonly hide: () => void;
}

const TipContext = createContext<Tip>({ show: () => {}, hide: () => {} });

export function useTip(): Tip {
  return useContext(TipContext);
}

/** Pixels kept free between the tip and the window's sides. */
const margin = 8;
const width = 232;
/** A tip opens below where it has this much room. */
const heightNeeded = 110;

export function TipProvider({ children }: { readonly children: ReactNode }) {
  const [shown, setShown] = useState<Shown | null>(null);
  const show = useCallback((anchor: DOMRect, content: ReactNode) => {
    setShown({ x: anchor.left + anchor.width / 2, top: anchor.top, bottom: anchor.bottom, content });
  }, []);
  const hide = useCallback(() => setShown(null), []);
  const tip = useMemo(() => ({ show, hide }), [show, hide]);
  return (
    <TipContext value={tip}>
      {children}
      {shown && createPortal(<TipBox {...shown} />, document.body)}
    </TipContext>
  );
}

function TipBox({ x, top, bottom, content }: Shown) {
  const left = Math.min(Math.max(margin, x - width / 2), window.innerWidth - width - margin);
  const below = bottom + heightNeeded < window.innerHeight;
  const place = below ? { top: bottom + margin } : { bottom: window.innerHeight - top + margin };
  return (
    <div className={css.tip} role="status" style={{ left, maxWidth: width, ...place }}>
      {content}
    </div>
  );
}
