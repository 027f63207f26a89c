import type { Environment } from '../../environments/environment.ts';
import { asSyncError } from '../../errors/sync-error.ts';
import type { Run } from '../contract/run.ts';
import { targetEnd } from '../ends/connect.ts';
import { dropEach } from '../ends/drop-each.ts';
import { beyondLimits, serverTime } from '../ends/kept-until.ts';
import { dropKeptObjects, keptOfSwitches } from './kept-of-switches.ts';

/**
 * Removes what switches have put aside whose undo time is over, and, oldest first, what is beyond the number and the
 * size that the configuration allows; never the newest for its number or size. What cannot be removed now is left to
 * the next run, and does not keep the others.
 */
export async function expireKeptObjects(run: Run, environment: Environment): Promise<void> {
  const { report, signal, config } = run;
  const options = { signal };
  try {
    await using database = run.connect(targetEnd(environment), { access: 'write', connections: 1 });
    await database.withSession(async (session) => {
      const now = await serverTime(session);
      const kept = (await keptOfSwitches(session, options)).map((one) => ({
        ...one,
        isOver: one.until < now,
      }));
      await dropEach(
        session,
        beyondLimits(kept, config.sync).map(({ schema }) => schema),
        (schema) => dropKeptObjects(session, schema, options),
        {
          signal,
          onDropped: (schema) =>
            report.log(
              'info',
              'Removed what a switch had put aside: its undo time is over, or there is more than the limits allow.',
              { schema },
            ),
          onFailure: (error, schema) => notRemoved(run, error, schema),
        },
      );
    }, signal);
  } catch (error) {
    notRemoved(run, error);
  }
}

function notRemoved({ report }: Run, error: unknown, schema?: string): void {
  const { code, message } = asSyncError(error);
  report.log('warn', 'What earlier switches put aside could not be removed; the next run tries again.', {
    error: code,
    reason: message,
    ...(schema === undefined ? {} : { schema }),
  });
}
