import type { ReactNode } from 'react';
import type { ExportFormatInfo } from '../../../../shared/api/types.ts';
import { conversionSentence, editRates } from '../../../../shared/edit/frame-rate.ts';
import { useStudio } from '../../../state/index.ts';
import { Field, Select, TextField } from '../../../ui/index.ts';
import css from '../dialogs.module.css';
import { BoardsHeader } from './boards-header.tsx';
import { keepOptions, type Options, useExportChoices } from './choices.ts';

const none: Options = {};

/** What can be set of a format. Everything has a default, and is remembered. */
export function FormatOptions({ format }: { readonly format: ExportFormatInfo }) {
  switch (format.id) {
    case 'mp4':
    case 'clips':
    case 'html':
      return <FilmOptions format={format} />;
    case 'pdf':
      return <BoardsOptions id={format.id} />;
    case 'contact-sheet':
      return <SheetOptions id={format.id} />;
    case 'gif':
    case 'webp':
    case 'png':
    case 'png-sequence':
      return <Heights id={format.id} usual={format.id === 'gif' ? '288' : format.id === 'webp' ? '480' : '720'} />;
    case 'otio':
    case 'fcpxml':
    case 'fcp7':
    case 'edl':
      return <EditOptions format={format} />;
    default:
      return null;
  }
}

function FilmOptions({ format }: { readonly format: ExportFormatInfo }) {
  const own = useStudio((state) => state.model?.video.fps ?? null);
  const kept = useExportChoices((state) => state.options[format.id] ?? none);
  const rate = kept.fps ?? format.defaultFps;
  const blend = kept.frames === 'blend' ? 'blend' : 'repeat';
  return (
    <>
      <Heights id={format.id} usual="720" />
      <Rate format={format} />
      {typeof rate === 'number' && own !== null && rate !== own && (
        <Choice
          id={format.id}
          name="frames"
          label="Frames"
          usual="repeat"
          help={conversionSentence(own, rate, blend)}
          options={[
            { value: 'repeat', text: 'Repeated' },
            { value: 'blend', text: 'Blended' },
          ]}
        />
      )}
      <Aspect id={format.id} />
      {kept.aspect !== undefined && kept.aspect !== 'film' && (
        <Choice
          id={format.id}
          name="fit"
          label="Fills it"
          usual="letterbox"
          options={[
            { value: 'letterbox', text: 'With black bars' },
            { value: 'crop', text: 'Cropped' },
          ]}
        />
      )}
      <Several
        id={format.id}
        name="burnIn"
        label="Drawn into the picture"
        usual={[]}
        options={[
          { value: 'scene', text: 'Scene' },
          { value: 'shot', text: 'Shot' },
          { value: 'timecode', text: 'Timecode' },
          { value: 'dialogue', text: 'Dialogue' },
        ]}
      />
    </>
  );
}

function BoardsOptions({ id }: { readonly id: string }) {
  return (
    <>
      <Choice
        id={id}
        name="panels"
        label="Panels a page"
        usual="6"
        isNumber
        options={[1, 2, 3, 4, 6, 8, 9, 12].map((count) => ({ value: String(count), text: String(count) }))}
      />
      <Choice
        id={id}
        name="pictures"
        label="Pictures"
        usual="middle"
        options={[
          { value: 'middle', text: 'The middle of each shot' },
          { value: 'ends', text: 'The first and last frame of each shot' },
        ]}
      />
      <Choice
        id={id}
        name="paper"
        label="Paper"
        usual="a4"
        options={[
          { value: 'a4', text: 'A4' },
          { value: 'letter', text: 'Letter' },
        ]}
      />
      <Choice
        id={id}
        name="orientation"
        label="Orientation"
        usual="landscape"
        options={[
          { value: 'landscape', text: 'Landscape' },
          { value: 'portrait', text: 'Portrait' },
        ]}
      />
      <Several
        id={id}
        name="fields"
        label="Under each picture"
        usual={['scene', 'action', 'dialogue', 'camera', 'notes', 'time']}
        options={[
          { value: 'scene', text: 'Scene' },
          { value: 'prompt', text: 'Prompt' },
          { value: 'action', text: 'Action' },
          { value: 'dialogue', text: 'Dialogue' },
          { value: 'camera', text: 'Camera' },
          { value: 'notes', text: 'Notes' },
          { value: 'time', text: 'Time' },
        ]}
      />
      <BoardsHeader id={id} />
    </>
  );
}

function SheetOptions({ id }: { readonly id: string }) {
  return (
    <Choice
      id={id}
      name="panels"
      label="Pictures of each shot"
      usual="3"
      isNumber
      help="For paper, with fields and pages, choose Boards (PDF)."
      options={[1, 2, 3, 4, 6, 8, 12].map((count) => ({ value: String(count), text: String(count) }))}
    />
  );
}

function Aspect({ id }: { readonly id: string }) {
  return (
    <Choice
      id={id}
      name="aspect"
      label="Aspect"
      usual="film"
      options={[
        { value: 'film', text: 'As the film' },
        ...['16:9', '2.39:1', '4:3', '1:1', '9:16'].map((value) => ({ value, text: value })),
      ]}
    />
  );
}

function EditOptions({ format }: { readonly format: ExportFormatInfo }) {
  const kept = useExportChoices((state) => state.options[format.id] ?? none);
  return (
    <>
      <Rate format={format} />
      <Heights id={format.id} usual="720" />
      <Aspect id={format.id} />
      <Field
        row
        label="Film file"
        help="The name of the exported MP4 beside the edit, of the same rate, height and aspect. Empty: an edit without pictures."
      >
        {(fieldId) => (
          <TextField
            id={fieldId}
            placeholder="film.mp4"
            value={typeof kept.media === 'string' ? kept.media : ''}
            maxLength={1000}
            onChange={(event) => keepOptions(format.id, { media: event.target.value })}
          />
        )}
      </Field>
    </>
  );
}

function Rate({ format }: { readonly format: ExportFormatInfo }) {
  const own = useStudio((state) => state.model?.video.fps ?? null);
  const kept = useExportChoices((state) => state.options[format.id]?.fps);
  const value = kept === undefined ? format.defaultFps : kept;
  return (
    <Field row label="Frames a second">
      {(fieldId) => (
        <Select
          id={fieldId}
          value={String(value)}
          options={[
            { value: 'null', text: own === null ? 'The model’s own' : `The model’s own (${own})` },
            ...editRates.map((rate) => ({ value: String(rate), text: String(rate) })),
          ]}
          onChange={(chosen) => keepOptions(format.id, { fps: chosen === 'null' ? null : Number(chosen) })}
        />
      )}
    </Field>
  );
}

function Heights({ id, usual }: { readonly id: string; readonly usual: string }) {
  const own = useStudio((state) => state.model?.video.height ?? null);
  const heights = ['288', '480', '720', '1080', '1440', '2160'].filter((value) => value !== String(own));
  return (
    <Choice
      id={id}
      name="height"
      label="Height"
      usual={usual}
      isNumber
      options={[
        ...(own === null ? [] : [{ value: String(own), text: `As the model made it (${own})` }]),
        ...heights.map((value) => ({ value, text: `${value} lines` })),
      ]}
    />
  );
}

interface ChoiceProps {
  readonly id: string;
  readonly name: string;
  readonly label: string;
  readonly usual: string;
  readonly options: readonly { readonly value: string; readonly text: string }[];
  readonly isNumber?: boolean;
  readonly help?: ReactNode;
}

function Choice({ id, name, label, usual, options, isNumber = false, help }: ChoiceProps) {
  const kept = useExportChoices((state) => state.options[id]?.[name]);
  return (
    <Field row label={label} help={help}>
      {(fieldId) => (
        <Select
          id={fieldId}
          value={kept === undefined ? usual : String(kept)}
          options={options}
          onChange={(value) => keepOptions(id, { [name]: isNumber ? Number(value) : value })}
        />
      )}
    </Field>
  );
}

interface SeveralProps extends Pick<ChoiceProps, 'id' | 'name' | 'label' | 'options'> {
  readonly usual: readonly string[];
}

function Several({ id, name, label, usual, options }: SeveralProps) {
  const kept = useExportChoices((state) => state.options[id]?.[name]);
  const chosen = Array.isArray(kept) ? kept : usual;
  return (
    <fieldset className={css.several}>
      <legend>{label}</legend>
      {options.map(({ value, text }) => (
        <label key={value}>
          <input
            type="checkbox"
            checked={chosen.includes(value)}
            onChange={(event) => {
              const wanted = options
                .map((option) => option.value)
                .filter((option) => (option === value ? event.target.checked : chosen.includes(option)));
              keepOptions(id, { [name]: wanted });
            }}
          />
          {text}
        </label>
      ))}
    </fieldset>
  );
}
