import { useStudio } from '../../state/index.ts';
import { closeDialog } from '../../state/view.ts';
import { Dialog } from '../../ui/index.ts';
import css from './dialogs.module.css';

/** What this is, and which versions of everything are running. */
export function AboutDialog() {
  const host = useStudio((state) => state.host);
  const model = useStudio((state) => state.model);
  return (
    <Dialog title="Throughline" description="A storyboard editor that remembers. MIT licence." onClose={closeDialog}>
      <dl className={css.facts}>
        {Object.entries(host?.versions ?? {}).map(([name, version]) => (
          <div key={name} style={{ display: 'contents' }}>
            <dt>{name}</dt>
            <dd>{version}</dd>
          </div>
        ))}
        <dt>Runs as</dt>
        <dd>
          {host?.host === 'desktop' ? 'desktop app' : 'browser'} on {host?.platform}
          {host?.fallbackReason ? ` (${host.fallbackReason})` : ''}
        </dd>
        {model && (
          <>
            <dt>Model</dt>
            <dd>
              {model.name}, {model.video.width}×{model.video.height} at {model.video.fps} fps, on {model.device}
            </dd>
            <dt>Digest</dt>
            <dd>{model.digest.slice(0, 16)}</dd>
          </>
        )}
      </dl>
    </Dialog>
  );
}
