import { DumpReader } from '../../dump/dump-reader.ts';
import { SyncError } from '../../errors/sync-error.ts';
import type { ImportPlan } from '../../plan/import-plan.ts';
import { meetsTarget } from '../../plan/modes.ts';
import { lackWords } from '../../plan/way-back.ts';
import { warnLeftOut } from '../source/take-dump.ts';
import { replaceInPlace } from '../in-place/replace-in-place.ts';
import type { Run } from '../contract/run.ts';
import { offerOfDump, planDump } from '../check/plan-dump.ts';
import { replaceTarget } from '../replace/replace-target.ts';
import { lockMarkOf } from '../search/lock-mark.ts';
import { SearchRun } from '../search/search-run.ts';
import { expireKept } from '../recover/recover.ts';
import { serverTime } from '../ends/kept-until.ts';
import { databaseIdentity } from '../ends/target-facts.ts';
import type { Loaded, TableReceipt } from '../contract/receipts.ts';
import { writeSafetyCopy } from './write-safety-copy.ts';
import type { WrittenSafetyCopy } from './write-safety-copy.ts';
import { withReleasers } from '../../lib/releasers.ts';
import type { Releasers } from '../../lib/releasers.ts';
import type { SafetyCopy } from '../in-place/way-back.ts';
import { tableName } from '../../lib/table-name.ts';
import type { ImportRunInput, Imported } from '../contract/import-run.ts';
import type { OpenTarget } from '../ends/opened-target.ts';

/**
 * Makes an open target equal to a dump: plan, safety copy, load, verify, switch. The same for `import` and `sync`.
 * Whatever fails, the target is the old state; the error says what and why. Works by the target's signal, which fires
 * with the caller's and when the lock is lost.
 */
export async function importDump(
  given: Run,
  target: OpenTarget,
  reader: DumpReader,
  input: ImportRunInput,
): Promise<Imported> {
  const run = { ...given, signal: target.signal };
  const { config, report } = run;
  const { environment } = target;
  report.step('check', `Checking "${environment.name}"`);
  const { choice, plan, rights, kept, warnings, leftOut, stayed } = await planDump(
    run,
    target,
    reader,
    input,
  );
  report.log('info', `Mode ${choice.mode}: ${choice.reason}.`);
  for (const warning of warnings) report.log('warn', warning);
  warnLeftOut(report, leftOut);
  const backup = input.asked.backup === 'file' ? await writeSafetyCopy(run, environment, input) : null;
  const search = input.asked.search
    ? new SearchRun(
        run.journal,
        {
          config,
          environment,
          collections: config.collections,
          runId: run.attempt,
          lockMark: lockMarkOf(target.facts),
          now: run.now,
        },
        run,
      )
    : null;
  const imported = (
    outcome: Pick<Imported, 'tables' | 'largeObjects' | 'keptDatabase' | 'collections'> &
      Pick<Loaded, 'undoLacks' | 'notes'>,
  ): Imported => ({
    choice,
    ...outcome,
    tables: outcome.tables.map((table) => inTargetNames(table, plan)),
    objects: plan.objects.length,
    sequences: plan.sequences.length + plan.keptSequences.length,
    backup: backup?.receipt ?? null,
    database: meetsTarget(choice.mode) ? databaseIdentity(target.facts) : null,
    undoLacks: outcome.undoLacks ?? [],
    // The plan has said most of them.
    warnings: [...new Set([...warnings, ...outcome.notes, ...lackWords(outcome.undoLacks)])],
    schemas: plan.names,
    leftOut,
    stayed,
  });
  try {
    const { owners, privileges, roles, leaveOut } = input.asked;
    const largeObjects = { owners, privileges, roles };
    const shared = { target, reader, plan, kept, largeObjects };
    let loaded: Loaded;
    let keptDatabase: string | null = null;
    if (choice.mode === 'replace' && target.maintenance !== null) {
      const { maintenance } = target;
      const replaced = await replaceTarget(run, maintenance, {
        ...shared,
        search:
          search === null
            ? null
            : {
                reads: (session, kept) => search.reads(session, kept),
                build: (database) => search.build(database),
                goals: () => search.goals(),
                move: () => search.move(),
              },
        receipt: (switched) =>
          input.receipt(imported({ ...switched, collections: search?.expectedReceipts() ?? [] })),
      });
      loaded = replaced;
      ({ keptDatabase } = replaced);
    } else {
      loaded = await withReleasers(async (releasers) =>
        replaceInPlace(run, {
          ...shared,
          search,
          safetyCopy:
            backup === null
              ? null
              : await openSafetyCopy(releasers, backup, {
                  name: environment.name,
                  rights,
                  leaveOut: [...leaveOut, ...(input.undoing?.stays ?? [])],
                  stays: stayed,
                  databaseSettings: config.sync.databaseSettings === 'source',
                  undoing: input.undoing !== undefined,
                }),
          receipt: (done) => input.receipt(imported({ ...done, keptDatabase: null, collections: [] })),
        }),
      );
    }
    report.step('clean', 'Cleaning up');
    await search?.retire();
    await expire(run, target);
    return imported({ ...loaded, keptDatabase, collections: search?.receipts ?? [] });
  } catch (error) {
    // Where it is not known which database is live, the next run decides about the collections as well.
    if (!run.journal.leftOpen) await search?.discard();
    throw error;
  }
}

async function openSafetyCopy(
  releasers: Releasers,
  { manifest, paths, leftOut, withheld }: WrittenSafetyCopy,
  facts: Omit<SafetyCopy, 'manifest' | 'reader' | 'objects' | 'leftOut' | 'withheld'>,
): Promise<SafetyCopy> {
  const reader = await DumpReader.open(paths.file, manifest);
  releasers.defer(() => reader[Symbol.asyncDispose]());
  const { objects } = await offerOfDump(reader);
  return { ...facts, manifest, reader, objects, leftOut, withheld };
}

/** Tables are loaded and compared under the dump's names; a receipt has those under which people find them. */
function inTargetNames(receipt: TableReceipt, { names, load, empty }: ImportPlan): TableReceipt {
  if (names === null || receipt.content === 'kept') return receipt;
  const table = [...load, ...empty].find(({ schema, name }) => tableName({ schema, name }) === receipt.table);
  return table?.schema === names.source
    ? { ...receipt, table: tableName({ ...table, schema: names.target }) }
    : receipt;
}

async function expire({ config, report }: Run, target: OpenTarget): Promise<void> {
  if (target.maintenance === null) return;
  const { maintenance } = target;
  try {
    const time = await serverTime(maintenance);
    for (const name of await expireKept(config, maintenance, target.facts.name, time)) {
      report.log('info', 'Removed a kept database whose undo time is over.', { database: name });
    }
  } catch (error) {
    report.log(
      'warn',
      'A kept database whose undo time is over could not be removed; the next run tries again.',
      {
        error: error instanceof SyncError ? error.code : 'INTERNAL',
      },
    );
  }
}
