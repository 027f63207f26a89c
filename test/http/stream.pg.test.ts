import { once } from 'node:events';

import { connect } from 'node:net';
import { setImmediate, setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HttpDeps } from '../../src/http/ports.ts';
import type { JobListener } from '../../src/jobs/job-watch.ts';
import type { JobView } from '../../src/jobs/job-view.ts';
import type { ProgressSnapshot } from '../../src/progress/progress.ts';
import { openEventStream } from './event-stream.ts';
import type { EventReader } from './event-stream.ts';
import { expectSoon, heard, planted, startTestService } from './harness.ts';
import type { TestService } from './harness.ts';
import { scriptedRun } from './scripted-run.ts';
import type { ScriptedJob } from './scripted-run.ts';

const script = scriptedRun();
let service: TestService;

beforeAll(async () => {
  service = await startTestService({ run: script.run });
});
afterAll(async () => {
  await service.stop();
});

const authorization = { Authorization: `Bearer ${planted.apiKey}` };

async function startJob(): Promise<ScriptedJob> {
  await service.call('POST', '/api/sync/export', { body: { environment: 'production' } });
  return script.next();
}

const open = (id: string, headers: Readonly<Record<string, string>> = {}): Promise<EventReader> =>
  openEventStream(`${service.url}/api/jobs/${id}/stream`, { ...authorization, ...headers });

/** Waits until the queue shows that snapshot. */
async function shown(job: ScriptedJob, percent: number): Promise<void> {
  await expectSoon(
    async () => (await service.call('GET', `/api/jobs/${job.jobId}`)).json.progress?.percent,
  ).toBe(percent);
}

/**
 * Lines reach a watcher from its subscription's first reading on, and nothing tells when that was: writes until heard.
 */
async function logUntil(job: ScriptedJob, heard: Promise<unknown>): Promise<void> {
  const over = new AbortController();
  const end = (): void => {
    over.abort();
  };
  heard.then(end, end);
  while (!over.signal.aborted) {
    job.log('a line');
    await delay(100);
  }
}

describe('the event stream', () => {
  it('gives the present state at once, each change with its sequence as id, and the end', async () => {
    const job = await startJob();
    job.progress(10, 'Loading');
    await shown(job, 10);
    const stream = await open(job.jobId);
    expect(stream.response.headers.get('content-type')).toContain('text/event-stream');
    expect(stream.response.headers.get('cache-control')).toContain('no-transform');
    expect(stream.response.headers.get('x-accel-buffering')).toBe('no');
    expect(await stream.next()).toMatchObject({ name: 'job', data: { id: job.jobId, state: 'running' } });
    const first = await stream.next();
    expect(first).toMatchObject({ name: 'progress', data: { percent: 10, message: 'Loading' } });
    expect(first?.id).toBe(String(first?.data.sequence));
    const line = stream.until('log');
    await logUntil(job, line);
    expect(await line).toMatchObject({ data: { message: 'a line', fields: { rows: 1 } } });
    job.progress(20);
    const second = await stream.until('progress');
    expect(second.data.percent).toBe(20);
    expect(Number(second.id)).toBeGreaterThan(Number(first?.id));
    job.finish();
    expect(await stream.until('progress')).toMatchObject({ data: { state: 'done', percent: 100 } });
    expect(await stream.next()).toMatchObject({
      name: 'end',
      data: { state: 'done', receipt: { rows: 62_345 } },
    });
    expect(await stream.next()).toBeNull();
    await expectSoon(() => service.subscriptions()).toBe(0);
  });

  it('goes on after a reconnect, and tells a client that knows the end to stop', async () => {
    const job = await startJob();
    job.progress(30);
    await shown(job, 30);
    const before = await open(job.jobId);
    const seen = await before.until('progress');
    before.close();
    job.progress(55);
    await shown(job, 55);
    const after = await open(job.jobId, { 'Last-Event-ID': seen.id ?? '' });
    expect((await after.until('progress')).data.percent).toBe(55);
    after.close();
    const same = await open(job.jobId, { 'Last-Event-ID': String((await currentSequence(job)) ?? '') });
    expect((await same.next())?.name).toBe('job');
    job.progress(60);
    expect((await same.next())?.data.percent).toBe(60);
    job.finish();
    const end = await same.until('progress');
    await same.until('end');
    const known = await fetch(`${service.url}/api/jobs/${job.jobId}/stream`, {
      headers: { ...authorization, 'Last-Event-ID': end.id ?? '' },
    });
    expect(known.status).toBe(204);
    const unknown = await open(job.jobId);
    expect((await unknown.until('end')).data.state).toBe('done');
  });

  it('shows a job that waits, and its end when it is cancelled there', async () => {
    const running = [await startJob(), await startJob()];
    const { json } = await service.call('POST', '/api/sync/export', { body: { environment: 'dev' } });
    const stream = await open(json.id);
    expect(await stream.next()).toMatchObject({ name: 'job', data: { state: 'queued', progress: null } });
    await service.call('POST', `/api/jobs/${json.id}/cancel`);
    expect((await stream.until('end')).data.state).toBe('cancelled');
    for (const job of running) job.finish();
  });

  it('unsubscribes when the client is gone', async () => {
    await expectSoon(() => service.subscriptions()).toBe(0);
    const job = await startJob();
    const streams = await Promise.all([open(job.jobId), open(job.jobId), open(job.jobId)]);
    await Promise.all(streams.map((stream) => stream.next()));
    expect(service.subscriptions()).toBe(3);
    for (const stream of streams) stream.close();
    await expectSoon(() => service.subscriptions()).toBe(0);
    job.finish();
  });

  it('gives a client that does not read the newest state later, and no backlog', async () => {
    const job = fedJob();
    const fed = await startTestService({ deps: { jobs: job.jobs, events: job.events } });
    const socket = connect(fed.port, '127.0.0.1');
    socket.pause();
    socket.write(
      `GET /api/jobs/fed/stream HTTP/1.1\r\nHost: localhost\r\n` +
        `Authorization: Bearer ${planted.apiKey}\r\nConnection: close\r\n\r\n`,
    );
    await expectSoon(() => job.listeners.size).toBe(1);
    // 200 kB each, 80 MB in all: far more than the buffers of both sockets hold.
    const snapshots = 400;
    for (let sequence = 1; sequence <= snapshots; sequence += 1) {
      job.tell(sequence, 'x'.repeat(200_000));
      await setImmediate();
    }
    job.tell(snapshots + 1, '', 'done');
    let received = 0;
    let tail = '';
    socket.on('data', (chunk: Buffer) => {
      const text = tail + chunk.toString('latin1');
      received += text.split('event: progress').length - 1;
      // A marker cut in two is whole with the next chunk.
      tail = text.slice(-500).replaceAll('event: progress', '');
    });
    socket.resume();
    await once(socket, 'close');
    expect(received).toBeGreaterThan(1);
    expect(received).toBeLessThan(snapshots / 2);
    expect(tail).toContain('"state":"done"');
    await expectSoon(() => job.listeners.size).toBe(0);
    await fed.stop();
  });
});

/** A job whose states come as fast as the test wants, without the queue's own pace. */
function fedJob() {
  const listeners = new Set<JobListener>();
  let view = { id: 'fed', state: 'running', progress: null } as JobView;
  return {
    listeners,
    jobs: { getJob: async () => view } as unknown as HttpDeps['jobs'],
    events: {
      subscribe: (_id: string, listener: JobListener) => {
        listeners.add(listener);
        return () => {
          listeners.delete(listener);
        };
      },
    },
    tell: (sequence: number, message: string, state: JobView['state'] = 'running') => {
      const progress = { sequence, state, message } as ProgressSnapshot;
      view = { ...view, state, progress };
      for (const { onJob } of listeners) onJob(view);
    },
  };
}

async function currentSequence(job: ScriptedJob): Promise<number> {
  return (await service.call('GET', `/api/jobs/${job.jobId}`)).json.progress.sequence as number;
}

describe('socket.io', () => {
  it('refuses a handshake without the key, with the same problem document', async () => {
    for (const auth of [{}, { token: 'wrong' }, { token: 7 }]) {
      const socket = service.socket(auth);
      const [error] = (await heard(socket, 'connect_error')) as [Error & { data: { code: string } }];
      expect(error.data.code).toBe('AUTH_KEY_MISSING');
      socket.disconnect();
    }
  });

  it('mirrors the stream: present state, changes, end', async () => {
    const job = await startJob();
    job.progress(15);
    await shown(job, 15);
    const socket = service.socket();
    // oxlint-disable-next-line typescript/no-explicit-any
    const messages: any[] = [];
    socket.on('job', (message) => messages.push(message));
    expect(await socket.emitWithAck('job:subscribe', { id: job.jobId })).toEqual({ ok: true });
    await expectSoon(() => messages.length).toBe(2);
    expect(messages[0]).toMatchObject({ id: job.jobId, type: 'job', job: { state: 'running' } });
    expect(messages[1]).toMatchObject({ id: job.jobId, type: 'progress', progress: { percent: 15 } });
    const line = expectSoon(() => messages.at(-1)).toMatchObject({
      type: 'log',
      line: { message: 'a line' },
    });
    await logUntil(job, line);
    job.finish();
    await expectSoon(() => messages.at(-1)).toMatchObject({ type: 'end', job: { state: 'done' } });
    await expectSoon(() => service.subscriptions()).toBe(0);
  });

  it('answers a wrong subscription with a problem', async () => {
    const socket = service.socket();
    for (const message of [null, {}, { id: 5 }, { id: 'x', more: 1 }]) {
      const answer = await socket.emitWithAck('job:subscribe', message);
      expect(answer).toMatchObject({ ok: false, problem: { code: 'USAGE_INVALID' } });
    }
    const unknown = await socket.emitWithAck('job:subscribe', { id: 'unknown' });
    expect(unknown).toMatchObject({ ok: false, problem: { code: 'USAGE_NOT_FOUND' } });
    // Without an acknowledgement the service must bear it too.
    socket.emit('job:subscribe');
    socket.emit('job:unsubscribe', 'x');
    expect(await socket.emitWithAck('job:unsubscribe', { id: 'unknown' })).toEqual({ ok: true });
  });

  it('stops when asked, and when the socket closes', async () => {
    const job = await startJob();
    const socket = service.socket();
    await socket.emitWithAck('job:subscribe', { id: job.jobId });
    expect(await socket.emitWithAck('job:subscribe', { id: job.jobId })).toEqual({ ok: true });
    expect(service.subscriptions()).toBe(1);
    await socket.emitWithAck('job:unsubscribe', { id: job.jobId });
    await expectSoon(() => service.subscriptions()).toBe(0);
    await socket.emitWithAck('job:subscribe', { id: job.jobId });
    expect(service.subscriptions()).toBe(1);
    socket.disconnect();
    await expectSoon(() => service.subscriptions()).toBe(0);
    job.finish();
  });
});

describe('both', () => {
  it('end when the service stops', async () => {
    const other = scriptedRun();
    const stopping = await startTestService({ run: other.run });
    const { json } = await stopping.call('POST', '/api/sync/export', { body: { environment: 'dev' } });
    await other.next();
    const stream = await openEventStream(`${stopping.url}/api/jobs/${json.id}/stream`, authorization);
    const socket = stopping.socket();
    await socket.emitWithAck('job:subscribe', { id: json.id });
    const disconnected = heard(socket, 'disconnect');
    await stream.next();
    await stopping.stop();
    await disconnected;
    await expect(readToEnd(stream)).resolves.toBeUndefined();
    expect(stopping.subscriptions()).toBe(0);
  });
});

/** Until the stream ends, cleanly or not. */
async function readToEnd(stream: EventReader): Promise<void> {
  try {
    while ((await stream.next()) !== null);
  } catch {
    // A connection that the service cut is an end too.
  }
}
