import { Mic, Square } from 'lucide-react';
import { useReadOnly } from '../state/index.ts';
import { IconButton } from '../ui/index.ts';
import css from './record-button.module.css';
import { toggleRecording, useRecorder } from './recorder.ts';

/** Records from the microphone while the film plays. */
export function RecordButton() {
  const state = useRecorder((recorder) => recorder.state);
  const readOnly = useReadOnly() !== null;
  const recording = state === 'recording';
  return (
    <span className={css.record} data-recording={recording || undefined}>
      <IconButton
        small
        label={recording ? 'Stop recording' : 'Record from the microphone while it plays'}
        aria-pressed={recording}
        disabled={readOnly || state === 'asking' || state === 'sending'}
        onClick={() => void toggleRecording()}
      >
        {recording ? <Square size={13} fill="currentColor" /> : <Mic size={15} />}
      </IconButton>
    </span>
  );
}
