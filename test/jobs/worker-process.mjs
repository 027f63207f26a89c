/**
 * A worker in a process of its own, from the build: to be killed, or to be reached from elsewhere. Settings come as
 * JSON in the first argument; says `ready`, then `started <job id>`, one a line. Its jobs end only when they are
 * cancelled, or as the stand-in verb of `stress/verb.mjs` ends them.
 */
import { pathToFileURL } from 'node:url';
import { standIn } from './stress/verb.mjs';

const settings = JSON.parse(process.argv[2]);
const { startWorker } = await import(pathToFileURL(settings.modules.worker).href);
const { openQueueBackend } = await import(pathToFileURL(settings.modules.connection).href);
const { Secret } = await import(pathToFileURL(settings.modules.secret).href);
const { SyncError } = await import(pathToFileURL(settings.modules.syncError).href);

const secret = (text) => (text === undefined ? null : new Secret(text));
const backend = await openQueueBackend(
  {
    redisUrl: secret(settings.address.redisUrl),
    queueDatabaseUrl: secret(settings.address.queueDatabaseUrl),
  },
  { name: settings.name },
);
const untilCancelled = (_request, { jobId, signal, emit }) =>
  new Promise((_resolve, reject) => {
    emit({ type: 'progress', progress: { ...settings.snapshot, jobId } });
    process.stdout.write(`started ${jobId}\n`);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
const nothing = () => {};
await startWorker({
  backend,
  log: { info: nothing, warn: nothing, error: nothing },
  now: Date.now,
  name: `process-${process.pid}`,
  jobs: { maxConcurrent: settings.maxConcurrent, timeoutMinutes: 5 },
  timing: settings.timing,
  heldLocksDirectory: settings.heldLocksDirectory,
  run:
    settings.verb === undefined
      ? untilCancelled
      : standIn({ ...settings.verb, snapshot: settings.snapshot }, SyncError),
});
process.stdout.write('ready\n');
