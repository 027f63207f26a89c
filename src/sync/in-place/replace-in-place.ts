import type { Database } from '../../postgres/database.ts';
import type { Session } from '../../postgres/session.ts';
import { databaseError } from '../../postgres/sqlstate.ts';
import type { Run } from '../contract/run.ts';
import { targetEnd } from '../ends/connect.ts';
import { followWithSearch } from '../search/follow-with-search.ts';
import { databaseIdentity } from '../ends/target-facts.ts';
import type { Loaded } from '../contract/import-run.ts';
import { isUnsettled } from '../contract/unsettled.ts';
import { commitSurely, transactionId } from './commit.ts';
import { whyNotApart } from './apart.ts';
import { makeBeside } from './beside.ts';
import { makeInstead } from './instead.ts';
import type { InPlaceInput } from './instead.ts';
import { Spool } from '../kept/spool.ts';

/**
 * Makes the target a copy inside one transaction on one connection: everything is dropped in reverse order (never
 * with CASCADE), made again, loaded and verified, and only then committed. Where the schemas allow it, the new state
 * is made beside the live one first, and readers wait only while the one takes the place of the other (`beside.ts`);
 * else readers and writers wait from the first lock on (`instead.ts`). Any failure or abort rolls all of it back. The
 * search follows after the commit: an uncommitted database cannot be read by its builder; when that fails the
 * database is the new state, the search is the old one, and the error says so.
 */
export async function replaceInPlace(run: Run, input: InPlaceInput): Promise<Loaded> {
  const { environment } = input.target;
  await using database = run.connect(targetEnd(environment), { access: 'write', connections: 3 });
  const spool = new Spool(run.config.directories.data, run.id);
  let receipts: Loaded;
  const session = await database.connect(run);
  try {
    receipts = await inOneTransaction(run, session, database, spool, input);
  } catch (error) {
    if (isUnsettled(error)) run.journal.leaveOpen();
    else run.signal.throwIfAborted();
    throw databaseError(error, 'target', `Replacing "${environment.name}" in place`);
  } finally {
    await session.release();
    await spool.remove();
  }
  if (input.search !== null) await followWithSearch(run, input.search, database);
  return receipts;
}

async function inOneTransaction(
  run: Run,
  session: Session,
  database: Database,
  spool: Spool,
  input: InPlaceInput,
): Promise<Loaded> {
  const { report, signal } = run;
  const inTheWay = await whyNotApart(session, input.plan, { signal });
  if (inTheWay !== null)
    report.log('info', `People wait from the first lock on, not only at the end: ${inTheWay}.`);
  const made =
    inTheWay === null
      ? await makeBeside(run, session, spool, input)
      : await makeInstead(run, session, spool, input);
  report.step('switch', 'Committing');
  signal.throwIfAborted();
  const done = { ...made.filled, keptDatabase: null, undoLacks: made.undoLacks };
  const xid = await transactionId(session);
  const receipt = input.receipt(done);
  await run.journal.write({
    entry: 'commit',
    xid,
    database: databaseIdentity(input.target.facts),
    receipt,
    search: input.search !== null,
  });
  await commitSurely(session, xid, database);
  run.journal.keepEffect(receipt);
  return done;
}
