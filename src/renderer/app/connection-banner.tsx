import { desktopBridge, useStudio } from '../state/index.ts';
import css from './shell.module.css';

/** Says that nothing that is done in this window arrives, for as long as that is so, and what to do. */
export function ConnectionBanner() {
  const connection = useStudio((state) => state.connection);
  if (connection !== 'lost' && connection !== 'refused') return null;
  return (
    <div className={css.banner} role="alert">
      {words(connection, desktopBridge() !== null)} What you saw as saved is saved.
    </div>
  );
}

function words(connection: 'lost' | 'refused', isDesktop: boolean): string {
  if (connection === 'refused')
    return 'Throughline was started again, and this window belongs to the run before: open the newest link in its terminal.';
  if (isDesktop) return 'Throughline does not answer; trying again…';
  return 'Throughline does not answer; trying again… If it was stopped, start it and open the link in its terminal.';
}
