import { type MemoryRecord, memoryRecordSchema } from './memory-record.ts';
import { type ReadVersioned, readVersioned, type VersionedFormat } from './versioned.ts';

/**
 * What the model remembered for a chunk, as it is stored with the chunk; see {@link VersionedFormat} for how a version is
 * added. Records are never written back, so one of a newer Throughline is shown as far as it is known.
 */
const recordFormat: VersionedFormat<MemoryRecord> = {
  what: 'memory record',
  schema: memoryRecordSchema,
  steps: [{ what: 'memory may hold pictures', up: (record) => ({ ...record, pictures: [] }) }],
};

/** @throws ThroughlineError `database` if it is not a record */
export function readRecord(stored: unknown, where: string): ReadVersioned<MemoryRecord> {
  return readVersioned(recordFormat, stored, where);
}
