import { sqlFile } from '../../lib/sql-file.ts';
import { qualifiedName, quoteIdentifier, quoteLiteral } from '../../postgres/identifiers.ts';
import { emptyRowsSql, rowsAsTable } from '../../postgres/rows.ts';
import type { CatalogSession } from '../catalog-session.ts';
import { displayName, displayQualified } from '../display-name.ts';
import { draft } from '../draft.ts';
import type { Draft } from '../draft.ts';
import type { CatalogColumn, CatalogTable } from '../model.ts';
import { guarded, prepared } from './guarded.ts';
import { triggerObeys } from './part-guards.ts';
import { triggerStates } from '../triggers/trigger-states.ts';
import type { TriggerState } from '../triggers/trigger-states.ts';
import type { OwnedSequence } from '../sequences/sequence-values.ts';

const sql = sqlFile(import.meta.url, './extension-config.sql');

interface ConfigRow {
  readonly extension: number;
  readonly extensionName: string;
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  /** `r` table, `S` sequence. */
  readonly relkind: string;
  /** `WHERE …`, whatever the extension's script said; empty for all rows. */
  readonly condition: string;
  readonly columns: readonly CatalogColumn[];
  readonly keyColumns: readonly string[];
  readonly references: readonly number[];
  /** Those that are not disabled. `state`: pg_trigger.tgenabled. */
  readonly triggers: readonly ConfigTrigger[];
  readonly ownedBy: number | null;
  readonly rowsEstimated: number;
  readonly bytes: number;
}

interface ConfigTrigger {
  readonly oid: number;
  readonly name: string;
  readonly state: TriggerState;
}

export interface ExtensionConfig {
  readonly drafts: readonly Draft[];
  readonly tables: readonly CatalogTable[];
  readonly sequences: readonly OwnedSequence[];
}

/**
 * Tables and sequences of extensions whose rows belong to the database (`pg_extension_config_dump`): pg_dump copies
 * those rows, and so do we. CREATE EXTENSION makes the tables; their objects here stand for the rows. Rows that the
 * extension's script put there are deleted before the source's rows come, so that no row is there twice and no
 * deleted row comes back; tables that refer to others come first. Triggers of these tables are disabled meanwhile, so
 * that rows come unchanged.
 */
export async function readExtensionConfig(catalog: CatalogSession): Promise<ExtensionConfig> {
  const rows = await catalog.rows<ConfigRow>(sql);
  const sequences = rows.filter(({ relkind }) => relkind === 'S');
  const tables = referringFirst(rows.filter(({ relkind }) => relkind === 'r'));
  return {
    drafts: [
      ...tables.map((row, index) => tableDraft(row, tables[index - 1] ?? null)),
      ...tables.flatMap((row) => row.triggers.map((trigger) => triggerStateDraft(row, trigger))),
      ...sequences.map((row) => sequenceDraft(row)),
    ],
    tables: tables.map((row) => catalogTable(row)),
    sequences: sequences.map(({ oid, schema, name, ownedBy }) => ({
      oid,
      schema,
      name,
      ownedByTable: ownedBy === null ? null : `table:${ownedBy}`,
    })),
  };
}

/**
 * Each table before those to which its foreign keys refer; tables that refer to each other in a circle come in any
 * order.
 */
function referringFirst(rows: readonly ConfigRow[]): readonly ConfigRow[] {
  const byOid = new Map(rows.map((row) => [row.oid, row]));
  const referredFirst = new Set<ConfigRow>();
  const entered = new Set<ConfigRow>();
  const visit = (row: ConfigRow): void => {
    if (entered.has(row)) return;
    entered.add(row);
    for (const oid of row.references) {
      const other = byOid.get(oid);
      if (other !== undefined) visit(other);
    }
    referredFirst.add(row);
  };
  for (const row of rows) visit(row);
  return [...referredFirst].reverse();
}

/** A chain: rows are deleted in the order of these objects, and loaded in the opposite order. */
function tableDraft(row: ConfigRow, before: ConfigRow | null): Draft {
  return draft({
    ...common(row),
    id: `table:${row.oid}`,
    kind: 'table',
    identity: `table ${displayQualified(row.schema, row.name)} of extension ${displayName(row.extensionName)}`,
    sql: prepared(
      row.triggers.map(
        ({ name }) =>
          `IF ${triggerObeys(row, name)} THEN ${alter(row)} DISABLE TRIGGER ${quoteIdentifier(name)}; END IF;`,
      ),
      emptySql(row),
    ),
    needs: [extensionId(row), ...(before === null ? [] : [`table:${before.oid}`])],
  });
}

/**
 * Enables a trigger again after the rows; one that is made later (extension-parts.ts) has its state from the start.
 */
function triggerStateDraft(row: ConfigRow, { oid, name: trigger, state }: ConfigTrigger): Draft {
  const { schema, name } = row;
  return draft({
    id: `trigger state:${oid}`,
    kind: 'trigger',
    schema,
    name: trigger,
    identity: `state of trigger ${displayName(trigger)} on ${displayQualified(schema, name)} of extension ${displayName(row.extensionName)}`,
    section: 'post-data',
    sql: guarded(`${alter(row)} ${triggerStates[state]} TRIGGER ${quoteIdentifier(trigger)};`, {
      condition: triggerObeys(row, trigger),
      excuse: null,
    }),
    dropSql: null,
    // Its state is compared with the trigger itself.
    facts: { onlyState: true, guarded: true },
    partOf: `table:${row.oid}`,
    needs: [`table:${row.oid}`],
    locks: [{ table: `table:${row.oid}`, mode: 'exclusive' }],
  });
}

function alter({ schema, name }: ConfigRow): string {
  return `ALTER TABLE ONLY ${qualifiedName(schema, name)}`;
}

function sequenceDraft(row: ConfigRow): Draft {
  return draft({
    ...common(row),
    id: `sequence:${row.oid}`,
    kind: 'sequence',
    identity: `sequence ${displayQualified(row.schema, row.name)} of extension ${displayName(row.extensionName)}`,
    // An object without any text would be none.
    sql: '-- It comes with its extension; its value follows.',
    needs: [extensionId(row)],
  });
}

function common(row: ConfigRow): Pick<Draft, 'schema' | 'name' | 'section' | 'dropSql' | 'partOf'> {
  const { schema, name } = row;
  return { schema, name, section: 'pre-data', dropSql: null, partOf: extensionId(row) };
}

function extensionId({ extension }: ConfigRow): string {
  return `extension:${extension}`;
}

/** If there is nothing to delete, no DELETE privilege is needed: most extensions put nothing there. */
function emptySql(row: ConfigRow): string {
  const table = { schema: row.schema, name: row.name, condition: row.condition };
  return `DO LANGUAGE "plpgsql" ${quoteLiteral(`BEGIN
  IF EXISTS (SELECT FROM ${rowsAsTable(table)}) THEN
    ${emptyRowsSql(table)};
  END IF;
END`)};`;
}

function catalogTable(row: ConfigRow): CatalogTable {
  return {
    id: `table:${row.oid}`,
    schema: row.schema,
    name: row.name,
    columns: row.columns,
    keyColumns: row.keyColumns,
    rowsEstimated: row.rowsEstimated,
    bytes: row.bytes,
    extensionConfig: true,
    condition: row.condition === '' ? null : row.condition,
    loadThrough: null,
    searchPath: [],
  };
}
