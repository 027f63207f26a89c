import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
/** How much longer than a look the pause after it is: what is watched must come on. */
const pauseFactor = 10;
const pauseMs = 100;

/**
 * The most bytes that something held at a time, beyond what was held before. Garbage does not count: how much of it
 * lies about says more about the files that this worker ran before.
 */
export async function mostHeld(work: () => Promise<unknown>): Promise<number> {
  const before = held();
  let most = 0;
  let timer: NodeJS.Timeout | undefined;
  const look = (): void => {
    const begun = performance.now();
    most = Math.max(most, held() - before);
    timer = setTimeout(look, Math.max(pauseMs, pauseFactor * (performance.now() - begun)));
  };
  look();
  try {
    await work();
  } finally {
    clearTimeout(timer);
  }
  return most;
}

function held(): number {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
