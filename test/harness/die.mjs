/**
 * Loaded before the program (`--import`): ends it by `kill -9` at one exact moment, or sends it a signal there. The
 * program knows nothing of it: only what leaves the process is watched. `FAULT` is JSON:
 *
 * - `step`: the event that says this step has begun is written to stdout, or
 * - `sends`: a piece of text is handed to a socket (a statement to PostgreSQL, a request to Typesense), or
 * - `afterMs`: so much time has passed;
 * - `count`: at the how-manieth time (1 when not said); `signal`: SIGKILL when not said;
 * - `before`: strike before the bytes leave, instead of right after (`sends` only).
 */
import { Socket } from 'node:net';

const fault = JSON.parse(process.env.FAULT);
let left = fault.count ?? 1;
const hits = () => {
  left -= 1;
  return left === 0;
};
const strike = () => process.kill(process.pid, fault.signal ?? 'SIGKILL');

if (fault.afterMs !== undefined) setTimeout(strike, fault.afterMs).unref();
else if (fault.step !== undefined) {
  const begun = `"id":"${fault.step}","title":`;
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = (chunk, ...rest) => {
    const result = write(chunk, ...rest);
    for (const line of String(chunk).split('\n')) {
      const at = line.indexOf(begun);
      if (at >= 0 && line.slice(at).split('}', 1)[0].includes('"state":"running"') && hits()) strike();
    }
    return result;
  };
} else {
  const write = Reflect.get(Socket.prototype, 'write');
  Socket.prototype.write = function (chunk, ...rest) {
    const struck = Buffer.from(chunk).includes(fault.sends) && hits();
    if (struck && fault.before === true) strike();
    const result = write.call(this, chunk, ...rest);
    if (struck && fault.before !== true) strike();
    return result;
  };
}
