import type { Replacement } from '../load/replacement.ts';
import type { DumpReader } from '../../dump/dump-reader.ts';
import { SyncError } from '../../errors/sync-error.ts';
import type { ImportPlan } from '../../plan/import-plan.ts';
import { meetsTarget, modes } from '../../plan/modes.ts';
import type { Mode } from '../../plan/modes.ts';
import { lackWords } from '../../plan/lack-words.ts';
import { warnLeftOut } from '../source/take-dump.ts';
import type { Run } from '../contract/run.ts';
import { asDumped, planDump } from '../check/plan-dump.ts';
import type { Planned } from '../check/plan-dump.ts';
import { lockMarkOf } from '../search/lock-mark.ts';
import { SearchRun } from '../search/search-run.ts';
import { expireKept } from '../recover/expire-kept.ts';
import { expireUndoSchemas } from '../merge/expire.ts';
import { expireKeptObjects } from '../switch/expire.ts';
import { serverTime } from '../ends/kept-until.ts';
import { databaseIdentity } from '../ends/target-facts.ts';
import type { CollectionReceipt, TableReceipt } from '../contract/receipts.ts';
import { writeSafetyCopy } from './write-safety-copy.ts';
import { loadByMode } from './load-by-mode.ts';
import { tableName } from '../../lib/table-name.ts';
import type { Imported, ImportRunInput, Loaded } from '../contract/import-run.ts';
import type { OpenTarget } from '../ends/opened-target.ts';

/**
 * Makes an open target equal to a dump: plan, safety copy, load, verify, switch. The same for `import` and `sync`.
 * Whatever fails, the target is the old state; the error says what and why. Works by the target's signal, which fires
 * with the caller's and when the lock is lost.
 */
export async function importDump(
  given: Run,
  opened: OpenTarget,
  reader: DumpReader,
  input: ImportRunInput,
): Promise<Imported> {
  const run = { ...given, signal: opened.signal };
  const { report } = run;
  const environment = asDumped(opened.environment, reader.manifest, input.schema);
  const target = { ...opened, environment };
  report.step('check', `Checking "${environment.name}"`);
  const planned = await planDump(run, target, reader, input);
  const { choice, plan, kept } = planned;
  report.log('info', `Mode ${choice.mode}: ${choice.reason}.`);
  for (const warning of planned.warnings) report.log('warn', warning);
  warnLeftOut(report, planned.leftOut);
  const backup = input.asked.backup === 'file' ? await writeSafetyCopy(run, environment, input) : null;
  const search = input.asked.search ? searchOf(run, target) : null;
  const imported = (loaded: Loaded, collections: readonly CollectionReceipt[]): Imported => ({
    ...importedOf(planned, loaded),
    database: meetsTarget(choice.mode) ? databaseIdentity(target.facts) : null,
    backup: backup?.receipt ?? null,
    collections,
  });
  try {
    const { owners, privileges, roles } = input.asked;
    const loaded = await loadByMode(run, {
      planned,
      input,
      backup,
      search,
      replacement: {
        target,
        reader,
        plan,
        kept,
        largeObjects: { owners, privileges, roles },
        defusal: input.undoing === undefined ? defusalOf(environment) : null,
        receipt: (loaded) => input.receipt(imported(loaded, expectedOf(search, choice.mode))),
      },
    });
    report.step('clean', 'Cleaning up');
    await search?.retire();
    await expire(run, target);
    if (meetsTarget(choice.mode)) {
      await expireUndoSchemas(run, target.environment);
      await expireKeptObjects(run, target.environment);
    }
    return imported(loaded, search?.receipts ?? []);
  } catch (error) {
    // Where it is not known which database is live, the next run decides about the collections as well.
    if (!run.journal.leftOpen) await search?.discard();
    throw error;
  }
}

function defusalOf({ defusal = [], schema }: OpenTarget['environment']): Replacement['defusal'] {
  return defusal.length === 0 ? null : { files: defusal, schema };
}

export function searchOf(
  run: Run,
  { environment, facts }: Pick<OpenTarget, 'environment' | 'facts'>,
): SearchRun {
  const { config, attempt, now } = run;
  return new SearchRun(
    run.journal,
    {
      config,
      environment,
      collections: config.collections,
      runId: attempt,
      lockMark: lockMarkOf(facts),
      now,
    },
    run,
  );
}

/** What the search will show by the switch; nothing new where it follows later. */
function expectedOf(search: SearchRun | null, mode: Mode): readonly CollectionReceipt[] {
  return search === null || modes[mode].searchAfterCommit ? [] : search.expectedReceipts();
}

function importedOf(
  { choice, plan, warnings, leftOut, stayed }: Planned,
  loaded: Loaded,
): Omit<Imported, 'backup' | 'collections' | 'database'> {
  return {
    ...loaded,
    choice,
    tables: loaded.tables.map((table) => inTargetNames(table, plan)),
    objects: plan.objects.length,
    sequences: plan.sequences.length + plan.keptSequences.length,
    // The plan has said most of them.
    warnings: [...new Set([...warnings, ...loaded.notes, ...lackWords(loaded.undoLacks)])],
    schemas: plan.names,
    leftOut,
    stayed,
  };
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
      report.log(
        'info',
        'Removed a kept database: its undo time is over, or there are more than the limits allow.',
        { database: name },
      );
    }
  } catch (error) {
    report.log('warn', 'A kept database that is over could not be removed; the next run tries again.', {
      error: error instanceof SyncError ? error.code : 'INTERNAL',
    });
  }
}
