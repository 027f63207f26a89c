import { undoSchemaPrefix } from '../../catalog/undo-schemas.ts';
import type { Environment } from '../../environments/environment.ts';
import { asSyncError } from '../../errors/sync-error.ts';
import type { Run } from '../contract/run.ts';
import { targetEnd } from '../ends/connect.ts';
import { serverTime } from '../ends/kept-until.ts';
import { dropUndoSchema, readContents } from './before-images.ts';

/** Removes kept rows of merges whose undo time is over. What cannot be removed now is left to the next run. */
export async function expireUndoSchemas(run: Run, environment: Environment): Promise<void> {
  const { report, signal } = run;
  const options = { signal };
  try {
    await using database = run.connect(targetEnd(environment), { access: 'write', connections: 1 });
    await database.withSession(async (session) => {
      const now = await serverTime(session);
      const schemas = await session.query<{ name: string }>(
        `SELECT nspname::text AS name FROM pg_catalog.pg_namespace
WHERE pg_catalog.starts_with(nspname, $1) AND pg_catalog.pg_has_role(nspowner, 'USAGE') ORDER BY 1`,
        [undoSchemaPrefix],
        options,
      );
      for (const { name } of schemas) {
        const contents = await readContents(session, name, options);
        if (contents === null || contents.until > now) continue;
        await session.execute('BEGIN', options);
        await dropUndoSchema(session, name, options);
        await session.execute('COMMIT', options);
        report.log('info', 'Removed the kept rows of a merge whose undo time is over.', { schema: name });
      }
    }, signal);
  } catch (error) {
    report.log('warn', 'Kept rows of earlier merges could not be removed; the next run tries again.', {
      error: asSyncError(error).code,
    });
  }
}
