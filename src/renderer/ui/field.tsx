import { Minus, Plus } from 'lucide-react';
import { Slider as RadixSlider, ToggleGroup } from 'radix-ui';
import { type ComponentProps, type ReactNode, useId, useState } from 'react';
import { cx } from './cx.ts';
import css from './field.module.css';

export interface FieldProps {
  readonly label: string;
  readonly help?: ReactNode;
  /** Label beside the control instead of above it. */
  readonly row?: boolean;
  /** Gets the id that the label points to. */
  readonly children: (id: string) => ReactNode;
}

/** A control with its visible label, and a line of help under it. */
export function Field({ label, help, row = false, children }: FieldProps) {
  const id = useId();
  return (
    <div className={css.field}>
      <div className={cx(css.field, row && css.row)}>
        <label className={css.label} htmlFor={id}>
          {label}
        </label>
        {children(id)}
      </div>
      {help !== undefined && <div className={css.help}>{help}</div>}
    </div>
  );
}

export function TextField({ className, ...rest }: ComponentProps<'input'>) {
  return <input type="text" className={cx(css.input, className)} {...rest} />;
}

export interface SelectProps<Value extends string> extends Omit<ComponentProps<'select'>, 'value' | 'onChange'> {
  readonly value: Value;
  readonly options: readonly { readonly value: Value; readonly text: string; readonly disabled?: boolean }[];
  readonly onChange: (value: Value) => void;
}

export function Select<Value extends string>({ value, options, onChange, className, ...rest }: SelectProps<Value>) {
  return (
    <select
      className={cx(css.select, className)}
      value={value}
      // A narrow pane cuts what is chosen.
      title={options.find((option) => option.value === value)?.text}
      onChange={(event) => onChange(event.target.value as Value)}
      {...rest}
    >
      {options.map((option) => (
        <option key={option.value} value={option.value} disabled={option.disabled ?? false}>
          {option.text}
        </option>
      ))}
    </select>
  );
}

export interface NumberFieldProps {
  readonly label: string;
  readonly id?: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly step?: number;
  readonly unit?: string;
  /** Buttons for one less and one more. */
  readonly stepper?: boolean;
  /** Pixels. */
  readonly width?: number;
  readonly disabled?: boolean;
  /** Several values at once: none is shown until one is set. */
  readonly mixed?: boolean;
  readonly onChange: (value: number) => void;
}

/** A whole number. What is typed counts once it is in range; leaving the field shows what counts. */
export function NumberField(props: NumberFieldProps) {
  const {
    label,
    id,
    value,
    min,
    max,
    step = 1,
    unit,
    stepper = false,
    width,
    disabled = false,
    mixed = false,
    onChange,
  } = props;
  const [draft, setDraft] = useState<string | null>(null);
  const set = (next: number) => {
    const inRange = Math.min(max, Math.max(min, next));
    if (mixed || inRange !== value) onChange(inRange);
  };
  const type = (text: string) => {
    setDraft(text);
    const typed = Number(text);
    if (text.trim() !== '' && Number.isInteger(typed) && typed >= min && typed <= max) set(typed);
  };
  return (
    <span className={css.number} style={{ width }}>
      {stepper && (
        <button
          type="button"
          aria-label={`${label}: one less`}
          disabled={disabled || value <= min}
          onClick={() => set(value - step)}
        >
          <Minus size={13} />
        </button>
      )}
      <input
        id={id}
        aria-label={label}
        inputMode="numeric"
        role="spinbutton"
        aria-valuenow={value}
        aria-valuemin={min}
        aria-valuemax={max}
        disabled={disabled}
        placeholder={mixed ? 'mixed' : undefined}
        value={draft ?? (mixed ? '' : String(value))}
        onChange={(event) => type(event.target.value)}
        onBlur={() => setDraft(null)}
        onKeyDown={(event) => {
          if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return;
          event.preventDefault();
          setDraft(null);
          set(value + (event.key === 'ArrowUp' ? step : -step));
        }}
      />
      {unit !== undefined && <span className={css.unit}>{unit}</span>}
      {stepper && (
        <button
          type="button"
          aria-label={`${label}: one more`}
          disabled={disabled || value >= max}
          onClick={() => set(value + step)}
        >
          <Plus size={13} />
        </button>
      )}
    </span>
  );
}

export interface SliderProps {
  readonly label: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly step?: number;
  readonly onChange: (value: number) => void;
}

export function Slider({ label, value, min, max, step = 1, onChange }: SliderProps) {
  return (
    <RadixSlider.Root
      className={css.slider}
      min={min}
      max={max}
      step={step}
      value={[value]}
      onValueChange={([next]) => next !== undefined && onChange(next)}
    >
      <RadixSlider.Track className={css.track}>
        <RadixSlider.Range className={css.range} />
      </RadixSlider.Track>
      <RadixSlider.Thumb className={css.thumb} aria-label={label} />
    </RadixSlider.Root>
  );
}

export interface SegmentsProps<Value extends string> {
  readonly label: string;
  readonly value: Value;
  readonly options: readonly { readonly value: Value; readonly text: string }[];
  readonly onChange: (value: Value) => void;
}

/** A choice of a few, all in sight. */
export function Segments<Value extends string>({ label, value, options, onChange }: SegmentsProps<Value>) {
  return (
    <ToggleGroup.Root
      type="single"
      className={css.segments}
      aria-label={label}
      value={value}
      onValueChange={(next) => next !== '' && onChange(next as Value)}
    >
      {options.map((option) => (
        <ToggleGroup.Item key={option.value} className={css.segment} value={option.value}>
          {option.text}
        </ToggleGroup.Item>
      ))}
    </ToggleGroup.Root>
  );
}
