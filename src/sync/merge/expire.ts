import type { Environment } from '../../environments/environment.ts';
import { asSyncError } from '../../errors/sync-error.ts';
import type { Run } from '../contract/run.ts';
import { targetEnd } from '../ends/connect.ts';
import { dropEach } from '../ends/drop-each.ts';
import { serverTime } from '../ends/kept-until.ts';
import { dropUndoSchema } from './before-images.ts';
import { keptOfMerges } from './kept-of-merges.ts';

/**
 * Removes kept rows of merges whose undo time is over. What cannot be removed now is left to the next run, and
 * does not keep the others.
 */
export async function expireUndoSchemas(run: Run, environment: Environment): Promise<void> {
  const { report, signal } = run;
  const options = { signal };
  try {
    await using database = run.connect(targetEnd(environment), { access: 'write', connections: 1 });
    await database.withSession(async (session) => {
      const now = await serverTime(session);
      const over = (await keptOfMerges(session, options)).filter(({ until }) => until <= now);
      await dropEach(
        session,
        over.map(({ schema }) => schema),
        (schema) => dropUndoSchema(session, schema, options),
        {
          signal,
          onDropped: (schema) =>
            report.log('info', 'Removed the kept rows of a merge whose undo time is over.', { schema }),
          onFailure: (error, schema) => notRemoved(run, error, schema),
        },
      );
    }, signal);
  } catch (error) {
    notRemoved(run, error);
  }
}

function notRemoved({ report }: Run, error: unknown, schema?: string): void {
  report.log('warn', 'Kept rows of earlier merges could not be removed; the next run tries again.', {
    error: asSyncError(error).code,
    ...(schema === undefined ? {} : { schema }),
  });
}
