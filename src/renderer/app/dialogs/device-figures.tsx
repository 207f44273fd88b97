import { useState } from 'react';
import { type DeviceFigures, type DeviceReport, shareWords } from '../../../shared/devices.ts';
import { api, attempt } from '../../state/index.ts';
import { Button } from '../../ui/index.ts';
import css from './dialogs.module.css';

/** What was measured of each device with the present model, and a way to measure it again. */
export function DeviceTable({
  report,
  onMeasured,
}: {
  readonly report: DeviceReport;
  /** There are new figures to be asked for. */
  readonly onMeasured: () => void;
}) {
  const [measuring, setMeasuring] = useState(false);
  const measure = async () => {
    setMeasuring(true);
    const measured = await attempt(api.settings.measureDevices());
    setMeasuring(false);
    if (measured) onMeasured();
  };
  return (
    <div className={css.devices}>
      <table aria-label="Devices">
        <tbody>
          {report.devices.map((figures) => (
            <tr key={figures.device}>
              <th scope="row">{figures.label}</th>
              <td>{figures.stepMs === null ? '' : `${stepWords(figures.stepMs)} a step`}</td>
              <td>{noteOf(figures)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <div className={css.choice}>
        <span className={css.note} role="status">
          {measuring
            ? 'The devices are being measured with this model.'
            : report.measuredAt === null
              ? 'No steps have been measured with this model.'
              : `Measured on ${new Date(report.measuredAt).toLocaleString()}.`}
        </span>
        <Button onClick={() => void measure()} disabled={measuring}>
          {report.measuredAt === null ? 'Measure' : 'Measure again'}
        </Button>
      </div>
    </div>
  );
}

function noteOf({ device, difference, problem }: DeviceFigures): string {
  if (problem !== '') return `Not used. ${problem}`;
  if (device === 'cpu' || difference === null) return '';
  return `agrees with the processor within ${shareWords(difference)}`;
}

function stepWords(ms: number): string {
  return ms < 10_000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}
