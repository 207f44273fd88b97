import { useStudio } from '../../state/index.ts';
import { closeDialog } from '../../state/view.ts';
import { Dialog } from '../../ui/index.ts';
import css from './dialogs.module.css';

const systems: Readonly<Record<string, string>> = { linux: 'Linux', darwin: 'macOS', win32: 'Windows' };
const devices: Readonly<Record<string, string>> = { cpu: 'the processor', webgpu: 'WebGPU' };

/** What this is, and which versions of everything are running. */
export function AboutDialog() {
  const host = useStudio((state) => state.host);
  const model = useStudio((state) => state.model);
  return (
    <Dialog
      reading
      title="Throughline"
      description="A storyboard editor that remembers. MIT licence."
      onClose={closeDialog}
    >
      <dl className={css.facts}>
        {Object.entries(host?.versions ?? {}).map(([name, version]) => (
          <div key={name} style={{ display: 'contents' }}>
            <dt>{name}</dt>
            <dd>{version}</dd>
          </div>
        ))}
        <dt>Runs as</dt>
        <dd>
          {host?.host === 'desktop' ? 'a desktop app' : 'pages in a browser'} on{' '}
          {systems[host?.platform ?? ''] ?? host?.platform}
          {host?.fallbackReason ? ` (${host.fallbackReason})` : ''}
        </dd>
        {model && (
          <>
            <dt>Model</dt>
            <dd>
              {model.name}, {model.video.width}×{model.video.height} at {model.video.fps} fps, on{' '}
              {devices[model.device] ?? model.device}
            </dd>
            <dt>Digest</dt>
            <dd>{model.digest.slice(0, 16)}</dd>
          </>
        )}
      </dl>
    </Dialog>
  );
}
