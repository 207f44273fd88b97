import { CircleAlert, Info, TriangleAlert, X } from 'lucide-react';
import { Toaster as Sonner } from 'sonner';
import { useView } from '../state/view.ts';
import css from './toaster.module.css';

/** Messages shown at a time; those before come up as these go. */
const mostShown = 4;

/**
 * Messages of the studio and of failed calls. They stand in the middle above the graph, where a fitted story leaves room:
 * beside the cards, the player and the inspector, which are what they speak of.
 */
export function Toaster() {
  const inspector = useView(({ inspectorHidden, queueOpen, inspectorWidth }) =>
    inspectorHidden && !queueOpen ? 0 : inspectorWidth,
  );
  return (
    <Sonner
      className={css.toaster ?? ''}
      style={{ left: `calc((100vw - ${inspector}px) / 2)` }}
      position="top-center"
      offset={82}
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
