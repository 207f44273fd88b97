import { expect, test } from 'vitest';
import { bankFlow } from '../bank-flow/frame-lives.ts';
import { sampleLine, sampleRecord } from '../records/sample-record.ts';
import {
  activationTable,
  bankFlowTable,
  filmStripTable,
  retrievalTable,
  spatialTable,
  toCsv,
  toJson,
  wordTable,
} from './tables.ts';

const line = sampleLine([2, 3], ({ shotIndex }) => ({ fullName: shotIndex === 0 ? 'Mia, at "home"' : 'City' }));
const record = sampleRecord();

test('CSV quotes what needs it and leaves null empty', () => {
  const [header, first] = toCsv(filmStripTable(record, line)).split('\r\n');
  expect(header).toBe('frame,shot_number,shot,time_sec,role,score_mean,layers_kept,cast_name,banned');
  expect(first).toBe('3,1,"Mia, at ""home""",1.125,bank,0.4,1 2,Mia,false');
});

test('JSON holds one object a row', () => {
  expect(JSON.parse(toJson(spatialTable(record, 3)))[5]).toEqual({ frame: 3, row: 2, column: 3, share: 0.2 });
});

test('every view has its numbers', () => {
  expect(retrievalTable(record, line).rows[0]).toEqual([1, null, 3, 1, 'Mia, at "home"', 1.125, 0.5, true]);
  expect(wordTable(record, line).rows).toHaveLength(3 * 4);
  expect(activationTable(record, line).rows).toHaveLength(2 * 2 + 2 * 2 * 2); // two frames a layer, then a head
  const flow = bankFlowTable(bankFlow([null, null, null, null, record], 3), line);
  expect(flow.rows.find(([frame, , , , chunk]) => frame === 3 && chunk === 5)).toEqual([
    3,
    1,
    'Mia, at "home"',
    1.125,
    5,
    'bank',
    1,
  ]);
});

test('numbers carry the digits that are meant, and no noise of the computer', () => {
  const table = { columns: ['share'], rows: [[0.1 + 0.2], [1 / 3], [12], [1.5e-7]] };
  expect(toCsv(table)).toBe('share\r\n0.3\r\n0.333333\r\n12\r\n1.5e-7\r\n');
  expect(JSON.parse(toJson(table))[0]).toEqual({ share: 0.3 });
});
