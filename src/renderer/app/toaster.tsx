import { CircleAlert, Info, TriangleAlert, X } from 'lucide-react';
import type { CSSProperties } from 'react';
import { Toaster as Sonner } from 'sonner';
import { useStudio } from '../state/index.ts';
import { useView } from '../state/view.ts';
import css from './toaster.module.css';

/** Messages shown at a time; those before come up as these go. */
const mostShown = 4;

/** Pixels that the queue takes of the graph's right side, where it is open. */
const queueWidth = 376;

/** Over windows, and under menus, which a person has just asked for; the library's own lies over everything. */
const zIndex = 45;

/**
 * Messages of the studio and of failed calls. They stand in the middle above the graph, where a fitted story leaves room:
 * beside the cards, the player and the inspector, which are what they speak of.
 */
export function Toaster() {
  const open = useStudio((state) => state.project !== null);
  const beside = useView(
    ({ inspectorHidden, inspectorWidth, queueOpen }) =>
      (open && !inspectorHidden ? inspectorWidth : 0) + (open && queueOpen ? queueWidth : 0),
  );
  // A window stands in the middle: then they stand in the corner.
  const aside = useView((state) => state.dialog !== null);
  return (
    <Sonner
      className={css.toaster ?? ''}
      style={
        {
          zIndex,
          ...(aside ? {} : { left: `calc((100vw - ${beside}px) / 2)`, '--beside': `${beside}px` }),
        } as CSSProperties
      }
      position={aside ? 'bottom-left' : 'top-center'}
      offset={aside ? 16 : 82}
      mobileOffset={82}
      visibleToasts={mostShown}
      expand
      gap={8}
      containerAriaLabel="Messages"
      icons={{
        info: <Info size={16} />,
        warning: <TriangleAlert size={16} />,
        error: <CircleAlert size={16} />,
        close: <X size={14} />,
      }}
      toastOptions={{
        unstyled: true,
        closeButton: true,
        closeButtonAriaLabel: 'Close',
        classNames: {
          toast: css.toast ?? '',
          title: css.message ?? '',
          description: css.hint ?? '',
          icon: css.icon ?? '',
          content: css.content ?? '',
          closeButton: css.close ?? '',
          actionButton: css.action ?? '',
        },
      }}
    />
  );
}
