import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { JobView } from '../../src/jobs/job-view.ts';
import { endWithUs } from '../../src/lib/end-with-us.ts';
import { freePort } from '../../src/lib/free-port.ts';
import { stepTitles } from '../../src/progress/progress.ts';
import type { StepId } from '../../src/progress/progress.ts';
import { builtFile } from '../support/built.ts';
import { atFileEnd } from '../support/postgres.ts';
import { struckBy } from '../harness/command.ts';
import type { Fault } from '../harness/command.ts';

/** The built service as people start it, in a process of its own. */
export interface TestService {
  readonly pid: number;
  /** Resolves when a fault has struck; throws when it has not in time. */
  struck(): Promise<void>;
  /** The body of a 2xx answer; everything else throws with what was said. */
  post<T = JobView>(path: string, body?: object): Promise<T>;
  get<T = JobView>(path: string): Promise<T>;
  /** Polls until the job is as wanted; throws with the job and the log when it is not in time. */
  until(id: string, wanted: (job: JobView) => boolean): Promise<JobView>;
  /** Resolves when the job has ended, whatever its end. */
  ended(id: string): Promise<JobView>;
  /** `kill -9`. */
  kill(): Promise<void>;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
}

export interface ServiceInput {
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
  readonly fault?: Fault | undefined;
}

const apiKey = 'the-key-of-this-test';
const authorization = { authorization: `Bearer ${apiKey}` };

/** For machines that are busy with other things; an idle one needs seconds. */
const patienceMs = 180_000;
const pollMs = 50;

/** The moment at which the service writes down that a step has begun: in the queue, or to someone who asks. */
export const begins = (step: StepId): Fault => ({
  sends: `"id":"${step}","title":"${stepTitles[step]}","state":"running"`,
});

/** Resolves when the service takes jobs. A fault (test/harness/die.mjs) may strike any time after. */
export async function serve({ directory, env, fault }: ServiceInput): Promise<TestService> {
  const port = await freePort();
  const logFile = join(directory, 'service.log');
  await appendFile(logFile, '');
  const log = await open(logFile, 'a');
  const child = spawn(process.execPath, [builtFile('cli/bin.js'), 'serve'], {
    cwd: directory,
    env: {
      PATH: process.env['PATH'],
      PORT: String(port),
      REQUESTS_PER_MINUTE: '100000',
      API_KEY: apiKey,
      ...env,
      ...struckBy(fault),
    },
    stdio: ['ignore', log.fd, log.fd],
  });
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  await once(child, 'spawn');
  await log.close();
  endWithUs(child, { onExit: 'SIGKILL', onKill: 'SIGKILL' });
  atFileEnd(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  const base = `http://127.0.0.1:${port}`;
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;

  const call = async <T>(path: string, init: RequestInit): Promise<T> => {
    const answer = await fetch(`${base}${path}`, init);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`);
    return JSON.parse(text) as T;
  };
  const told = async (): Promise<string> => (await readFile(logFile, 'utf8')).slice(-3_000);
  const service: TestService = {
    pid: child.pid ?? 0,
    async struck() {
      await Promise.race([exited, delay(patienceMs, undefined, { ref: false })]);
      if (child.signalCode !== 'SIGKILL') throw new Error(await told());
    },
    get: (path) => call(path, { headers: authorization }),
    post: (path, body = {}) =>
      call(path, {
        method: 'POST',
        headers: { ...authorization, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    async until(id, wanted) {
      let last = '';
      for (const deadline = Date.now() + patienceMs; Date.now() < deadline; await delay(pollMs)) {
        const job = await service.get(`/api/jobs/${id}`);
        if (wanted(job)) return job;
        last = JSON.stringify(job);
        if (job.finishedAt !== null) break;
      }
      throw new Error(`Job ${id} is not as wanted: ${last}\n${await told()}`);
    },
    ended: (id) => service.until(id, ({ finishedAt }) => finishedAt !== null),
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
    stop: () => {
      child.kill('SIGTERM');
      return exited;
    },
  };
  const ready = (): Promise<boolean> =>
    fetch(`${base}/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  for (const deadline = Date.now() + patienceMs; !(await ready()); await delay(pollMs)) {
    if (hasEnded() || Date.now() > deadline) throw new Error(`The service did not start: ${await told()}`);
  }
  return service;
}

/** Which step of a job is running. */
export function stepOf(job: JobView): StepId | undefined {
  return job.progress?.steps.find(({ state }) => state === 'running')?.id;
}
