import { expect, it } from 'vitest';
import type { ProgressSnapshot } from '../progress/progress.ts';
import { unstarted } from './job-status.ts';
import type { JobOutcome, JobStatus } from './job-status.ts';
import { StatusWriter } from './status-writer.ts';
import { logLinesMax } from './queue-settings.ts';

const snapshot = (sequence: number, more: Partial<ProgressSnapshot> = {}): ProgressSnapshot =>
  ({
    jobId: 'j',
    kind: 'sync',
    state: 'running',
    sequence,
    steps: [],
    items: [],
    error: null,
    percent: 1,
    ...more,
  }) as ProgressSnapshot;

const failed: JobOutcome = {
  state: 'failed',
  error: { code: 'INTERNAL', category: 'internal', message: 'No.', hint: '', details: {} },
  at: 9,
};

interface Stage {
  readonly writer: StatusWriter;
  readonly written: JobStatus[];
  readonly lines: string[];
}

function stage(stored: JobStatus = unstarted, fail: () => unknown = () => null): Stage {
  const written: JobStatus[] = [];
  const lines: string[] = [];
  const attempt = async (keep: () => void): Promise<void> => {
    await Promise.resolve();
    const error = fail();
    if (error !== null) throw error;
    keep();
  };
  const writer = new StatusWriter(
    {
      now: Date.now,
      retryMs: 1,
      onTrouble: () => {},
      onLost: () => {},
      onGone: () => {},
      writeStatus: async (status) => {
        await attempt(() => written.push(status));
        return 'written';
      },
      writeLine: (row) => attempt(() => lines.push(row)),
    },
    stored,
  );
  return { writer, written, lines };
}

it('holds a final snapshot back until the outcome is known', async () => {
  const { writer, written } = stage();
  writer.begin();
  writer.emit({ type: 'progress', progress: snapshot(1) });
  writer.emit({ type: 'progress', progress: snapshot(2, { state: 'failed', message: 'its own words' }) });
  expect(await writer.finish(failed)).toBe(true);
  for (const status of written.slice(0, -1)) expect(status.progress?.state ?? 'running').toBe('running');
  expect(written.at(-1)).toMatchObject({
    outcome: failed,
    progress: { sequence: 2, message: 'its own words' },
  });
});

it('says the end itself where the job did not', async () => {
  const { writer, written } = stage();
  writer.begin();
  writer.emit({ type: 'progress', progress: snapshot(1) });
  await writer.finish(failed);
  expect(written.at(-1)?.progress).toMatchObject({
    sequence: 2,
    state: 'failed',
    message: 'No.',
    etaSeconds: null,
  });
});

it('counts on when a job starts anew, and keeps its first start', async () => {
  const { writer, written } = stage({ ...unstarted, startedAt: 5, progress: snapshot(41) });
  writer.begin();
  writer.emit({ type: 'progress', progress: snapshot(1) });
  await writer.finish(failed);
  expect(written.at(-1)).toMatchObject({ startedAt: 5, progress: { sequence: 43 } });
});

it('writes lines in order before the end, and no more than it may', async () => {
  const { writer, written, lines } = stage();
  for (let line = 0; line < logLinesMax + 10; line += 1) {
    writer.emit({ type: 'log', level: 'info', at: line, message: `${line}`, fields: {} });
  }
  await writer.finish(failed);
  expect(lines.length).toBe(logLinesMax);
  expect(lines[1]).toContain('"message":"1"');
  expect(lines.at(-1)).toContain('left out');
  expect(written.at(-1)?.outcome).toEqual(failed);
});

it('tries until the queue takes it', async () => {
  let refusals = 5;
  const { writer, written } = stage(unstarted, () => {
    refusals -= 1;
    return refusals >= 0 ? new Error('Connection is closed.') : null;
  });
  expect(await writer.finish(failed)).toBe(true);
  expect(written).toHaveLength(1);
});

it('gives up when the job is gone, or when told so', async () => {
  const gone = stage(unstarted, () => Object.assign(new Error('Missing key for job j.'), { code: -1 }));
  expect(await gone.writer.finish(failed)).toBe(false);
  const away = stage(unstarted, () => new Error('Connection is closed.'));
  const ended = away.writer.finish(failed);
  away.writer.stop();
  expect(await ended).toBe(false);
});
