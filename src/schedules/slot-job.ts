import { createHash } from 'node:crypto';
import type { JobKind } from '../progress/progress.ts';

/**
 * The id of the job of one time of a schedule: always the same, so that the queue takes it once, whoever asks. It has
 * the form of every id, and sorts where the time is.
 */
export function slotJobId(schedule: string, slot: number, kind: JobKind): string {
  const second = new Date(slot).toISOString().slice(0, 19).replaceAll(/[-:]/g, '').toLowerCase();
  const digest = createHash('sha256').update(`${schedule} ${slot}`).digest();
  const tail = digest.readBigUInt64BE().toString(36).padStart(13, '0').slice(-10);
  return `${second}-${kind}-${tail}`;
}
