import { Trash2, Volume2, VolumeX } from 'lucide-react';
import { useRef, useState } from 'react';
import type { ShotId } from '../../shared/project/document.ts';
import { limits } from '../../shared/project/limits.ts';
import { type SoundClip, samplesToSec, secToSamples } from '../../shared/sound/sound-clip.ts';
import { Typing, useStudio } from '../state/index.ts';
import { Button, Field, Slider, TextField } from '../ui/index.ts';
import { deleteSound, moveSound, putSound } from './change-sound.ts';
import { trimEnd, trimStart, withFades } from './edit-clip.ts';
import { usePlacedSounds } from './placed-sounds.ts';
import css from './sound-tab.module.css';

/** One sound, in numbers: where it is heard, which part of it, how loud. */
export function SoundTab({ shotId, clip }: { readonly shotId: ShotId; readonly clip: SoundClip }) {
  const asset = useStudio((state) => state.assets.get(clip.asset));
  const placed = usePlacedSounds().find((sound) => sound.shotId === shotId && sound.clip.id === clip.id);
  const typing = useRef(new Typing('sound'));
  // A sound of another cut has no place on this one; what it is can be changed all the same.
  const sound = placed ?? { shotId, clip, startSample: clip.offsetSamples };
  const recording = asset?.sound?.lengthSamples ?? 0;
  const change = (changed: SoundClip, what: string) => putSound(sound, changed, typing.current.step(what));
  const longest = samplesToSec(Math.max(recording, clip.inSamples + clip.lengthSamples));
  return (
    <div className={css.form}>
      <Field label="Name">
        {(id) => (
          <TextField
            id={id}
            value={clip.name}
            maxLength={limits.soundName}
            onFocus={() => typing.current.begin()}
            onChange={(event) => change({ ...clip, name: event.target.value }, 'name')}
          />
        )}
      </Field>
      <div className={css.pair}>
        {placed && (
          <Seconds
            label="Heard from"
            samples={placed.startSample}
            most={limits.soundSamples}
            onChange={(start) => moveSound(sound, start)}
          />
        )}
        <Seconds
          label="Length"
          samples={clip.lengthSamples}
          most={secToSamples(longest)}
          onChange={(length) => change(trimEnd(clip, length - clip.lengthSamples, recording), 'length')}
        />
        <Seconds
          label="Begins in the recording at"
          samples={clip.inSamples}
          most={secToSamples(longest)}
          onChange={(at) => change(trimStart(clip, at - clip.inSamples).clip, 'in')}
        />
      </div>
      <Field label={`Gain: ${clip.gainDb > 0 ? '+' : ''}${clip.gainDb.toFixed(1)} dB`}>
        {() => (
          <Slider
            label="Gain in decibels"
            value={clip.gainDb}
            min={limits.quietestGainDb}
            max={limits.loudestGainDb}
            step={0.5}
            onChange={(gainDb) => change({ ...clip, gainDb }, 'gain')}
          />
        )}
      </Field>
      <div className={css.pair}>
        <Seconds
          label="Fade in"
          samples={clip.fadeInSamples}
          most={clip.lengthSamples - clip.fadeOutSamples}
          onChange={(fade) => change(withFades(clip, fade, clip.fadeOutSamples), 'fade in')}
        />
        <Seconds
          label="Fade out"
          samples={clip.fadeOutSamples}
          most={clip.lengthSamples - clip.fadeInSamples}
          onChange={(fade) => change(withFades(clip, clip.fadeInSamples, fade), 'fade out')}
        />
      </div>
      <div className={css.actions}>
        <Button aria-pressed={clip.muted} onClick={() => putSound(sound, { ...clip, muted: !clip.muted })}>
          {clip.muted ? <VolumeX size={15} /> : <Volume2 size={15} />} {clip.muted ? 'Muted' : 'Mute'}
        </Button>
        <Button onClick={() => deleteSound(sound)}>
          <Trash2 size={15} /> Delete
        </Button>
      </div>
      <p className={css.note}>
        {asset?.sound
          ? `${asset.name}: ${samplesToSec(recording).toFixed(1)} s, ${asset.sound.sourceChannels === 1 ? 'mono' : `${asset.sound.sourceChannels} channels`}, ${asset.sound.sourceRate.toLocaleString('en')} Hz, ${asset.sound.codec}.`
          : 'Its recording is not in this project any more. Add the file again and put it in this place.'}{' '}
        It goes where its shot goes.
      </p>
    </div>
  );
}

interface SecondsProps {
  readonly label: string;
  readonly samples: number;
  readonly most: number;
  readonly onChange: (samples: number) => void;
}

/** A time in seconds. What is typed counts when it is a number; leaving the field shows what counts. */
function Seconds({ label, samples, most, onChange }: SecondsProps) {
  const [draft, setDraft] = useState<string | null>(null);
  const shown = String(Number(samplesToSec(samples).toFixed(3)));
  const set = (sec: number): void => {
    const wanted = Math.min(most, Math.max(0, secToSamples(sec)));
    // What is shown is rounded: typing the same again moves nothing.
    if (String(Number(samplesToSec(wanted).toFixed(3))) !== shown) onChange(wanted);
  };
  return (
    <Field label={label}>
      {(id) => (
        <span className={css.seconds}>
          <TextField
            id={id}
            inputMode="decimal"
            value={draft ?? shown}
            onChange={(event) => {
              setDraft(event.target.value);
              const typed = Number(event.target.value.replace(',', '.'));
              if (event.target.value.trim() !== '' && Number.isFinite(typed)) set(typed);
            }}
            onBlur={() => setDraft(null)}
            onKeyDown={(event) => {
              if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return;
              event.preventDefault();
              setDraft(null);
              set(samplesToSec(samples) + (event.key === 'ArrowUp' ? 0.1 : -0.1));
            }}
          />
          <span>s</span>
        </span>
      )}
    </Field>
  );
}
