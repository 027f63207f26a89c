/**
 * A stand-in for the verbs: lasts a moment, now and then fails, ends early when its signal says so. Each begin and
 * end of a run is a line appended to this process's own file before anything else happens, so a killed process has
 * told all it did.
 */
import { randomInt } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** Microseconds of the machine's monotonic clock: the same for all its processes. */
const nowUs = () => Number(process.hrtime.bigint() / 1000n);

export function standIn(
  { file, process: name, lastsMs, longMs, longOneIn, failsOneIn, receipt, snapshot },
  SyncError,
) {
  let runs = 0;
  const tell = (line) => appendFileSync(file, `${JSON.stringify(line)}\n`);
  return async (request, { jobId, signal, emit }) => {
    runs += 1;
    const run = `${name}-${runs}`;
    tell({ event: 'begin', run, job: jobId, target: request.input.target, us: nowUs(), atMs: Date.now() });
    const end = (result) => tell({ event: 'end', run, result, us: nowUs() });
    emit({ type: 'progress', progress: { ...snapshot, jobId } });
    try {
      signal.throwIfAborted();
      const { least, most } = randomInt(longOneIn) === 0 ? longMs : lastsMs;
      await delay(randomInt(least, most), undefined, { signal });
    } catch {
      end('aborted');
      throw signal.reason;
    }
    if (randomInt(failsOneIn) === 0) {
      end('failed');
      throw new SyncError('TARGET_DISK_FULL', 'A stand-in failed.', { details: { run } });
    }
    end('done');
    return { ...receipt, jobId, warnings: [run] };
  };
}
