import { failWhenEnded, startService } from './service-process.ts';
import type { RunningService, StartServiceInput } from './service-process.ts';

export interface KeptService {
  /** Rejects when it has ended by itself, or was killed too often, with the end of its log. */
  readonly ended: Promise<never>;
  /** Safe to call twice. */
  stop(): Promise<void>;
}

const restartsMax = 10;

/**
 * Starts the service, and starts it again when it was killed, as systemd and PM2 do: its job goes on then. Rejects as
 * `startService` does for the first start; later ones reject `ended`.
 */
export async function keepService(input: StartServiceInput, onKilled: () => void): Promise<KeptService> {
  let service: RunningService = await startService(input);
  let stopping = false;
  const keep = async (): Promise<never> => {
    for (let restarts = 0; restarts < restartsMax; restarts += 1) {
      if ((await service.exited) === null || stopping) break;
      onKilled();
      service = await startService(input);
      if (stopping) await service.stop();
    }
    return failWhenEnded(service);
  };
  const ended = keep();
  ended.catch(() => {});
  return {
    ended,
    stop: async () => {
      stopping = true;
      await service.stop();
      // It may just have been starting again.
      await ended.catch(() => {});
    },
  };
}
