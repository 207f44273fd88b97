import { useState } from 'react';
import {
  type FrameSize,
  type FrameSizes,
  frameSideStep,
  frameSizeRule,
  frameSizeText,
  isFrameSize,
  isSameSize,
  leastFrameSide,
  offeredSizes,
  sizeOfStory,
  tokensOf,
} from '../../shared/frame-size.ts';
import { dispatch, useStudio } from '../state/index.ts';
import { Button, Field, NumberField, Select } from '../ui/index.ts';
import css from './inspector.module.css';

/** What the select has besides sizes. */
const another = 'another';

/** How large the story's frames are, where its model has a choice: a few sizes, or any. */
export function FrameSizeField() {
  const wanted = useStudio((state) => state.document?.frameSize ?? null);
  const sizes = useStudio((state) => state.model?.frameSizes);
  const drawn = useStudio((state) => state.model?.video);
  const [typed, setTyped] = useState<FrameSize | null>(null);
  if (!drawn) return null;
  if (!sizes) return wanted && <Unused wanted={wanted} drawn={drawn} />;
  const now = sizeOfStory(wanted, sizes) ?? drawn;
  const offers = offeredSizes(sizes);
  const choose = (size: FrameSize): void => {
    setTyped(null);
    if (!isSameSize(size, now))
      dispatch({ type: 'edit-project', frameSize: isSameSize(size, sizes.own) ? null : size });
  };
  const options = [
    ...offers.map(({ size, what }) => ({ value: frameSizeText(size), text: `${frameSizeText(size)} (${what})` })),
    ...(offers.some(({ size }) => isSameSize(size, now))
      ? []
      : [{ value: frameSizeText(now), text: frameSizeText(now) }]),
    { value: another, text: 'Another size…' },
  ];
  return (
    <>
      <Field label="Frame size" help={costWords(now, sizes)}>
        {(id) => (
          <Select
            id={id}
            value={typed ? another : frameSizeText(now)}
            options={options}
            onChange={(value) => {
              const [width, height] = value.split('x').map(Number);
              if (value === another) setTyped({ width: now.width, height: now.height });
              else choose({ width: width as number, height: height as number });
            }}
          />
        )}
      </Field>
      {typed && <AnotherSize {...{ typed, sizes, onType: setTyped, onChoose: choose }} />}
    </>
  );
}

function AnotherSize({
  typed,
  sizes,
  onType,
  onChoose,
}: {
  readonly typed: FrameSize;
  readonly sizes: FrameSizes;
  readonly onType: (size: FrameSize) => void;
  readonly onChoose: (size: FrameSize) => void;
}) {
  const fits = isFrameSize(typed, sizes.most);
  const side = (label: string, name: keyof FrameSize) => (
    <Field row label={label}>
      {(id) => (
        <NumberField
          id={id}
          label={label}
          width={120}
          stepper
          step={frameSideStep}
          value={typed[name]}
          min={leastFrameSide}
          max={sizes.most[name]}
          onChange={(value) => onType({ ...typed, [name]: value })}
        />
      )}
    </Field>
  );
  return (
    <fieldset className={css.form} style={{ border: 0, margin: 0, padding: 0 }} aria-label="Another frame size">
      {side('Width of frames', 'width')}
      {side('Height of frames', 'height')}
      <p className={css.estimate} role="status">
        {fits ? costWords(typed, sizes) : frameSizeRule(sizes.most)}
      </p>
      <Button small style={{ alignSelf: 'flex-start' }} disabled={!fits} onClick={() => onChoose(typed)}>
        Make frames of {frameSizeText(typed)}
      </Button>
    </fieldset>
  );
}

/** The model in use has no choice: what the story asks for stands where one that has is used again. */
function Unused({ wanted, drawn }: { readonly wanted: FrameSize; readonly drawn: FrameSize }) {
  return (
    <div className={css.field}>
      <p className={css.estimate}>
        This story asks for frames of {frameSizeText(wanted)}; its model draws only {frameSizeText(drawn)}.
      </p>
      <Button
        small
        style={{ alignSelf: 'flex-start' }}
        onClick={() => dispatch({ type: 'edit-project', frameSize: null })}
      >
        Make frames of its own size
      </Button>
    </div>
  );
}

/** Time and memory of a chunk go with the tokens of a frame. */
function costWords(size: FrameSize, { own }: FrameSizes): string {
  const [tokens, ofOwn] = [tokensOf(size), tokensOf(own)];
  const count = `${tokens.toLocaleString('en')} tokens a frame`;
  if (tokens === ofOwn) return `${count}: time and memory go with them. Another size makes every shot anew.`;
  const share = Math.round((100 * tokens) / ofOwn);
  return `${count}, ${share} % of those of its own size: time and memory go with them. The farther from the size that it was trained at, the worse a model draws.`;
}
