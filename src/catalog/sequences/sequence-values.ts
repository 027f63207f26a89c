import { SyncError } from '../../errors/sync-error.ts';
import { qualifiedName, quoteLiteral } from '../../postgres/identifiers.ts';
import type { CatalogSession } from '../catalog-session.ts';
import { displayQualified } from '../display-name.ts';
import { draft } from '../draft.ts';
import type { Draft } from '../draft.ts';
import type { CatalogSequence } from '../model.ts';

/** Sequences in one statement: each is a relation to open, so a statement holds a bounded number. */
const batchSequences = 500;

export interface SequenceValues {
  readonly sequences: readonly CatalogSequence[];
  readonly drafts: readonly Draft[];
}

/** A sequence, and the id of the table whose column owns it. */
export interface OwnedSequence {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly ownedByTable: string | null;
  /** False where it is known that the role may not see the value. */
  readonly readable?: boolean;
}

interface ValueRow {
  readonly oid: number;
  readonly lastValue: string | null;
  readonly isCalled: boolean | null;
}

/**
 * `last_value` and `is_called` of each sequence. Sequences are not transactional: the values may be newer than the
 * snapshot, never older. Throws SOURCE_NOT_READABLE naming those that the role may not see.
 */
export async function readSequenceValues(
  catalog: CatalogSession,
  rows: readonly OwnedSequence[],
): Promise<SequenceValues> {
  refuseHidden(rows.filter(({ readable }) => readable === false));
  const values = new Map<number, ValueRow>();
  for (let start = 0; start < rows.length; start += batchSequences) {
    const selects = rows
      .slice(start, start + batchSequences)
      .map(
        (row) =>
          `SELECT ${row.oid} AS "oid", last_value::text AS "lastValue", is_called AS "isCalled" FROM ${qualifiedName(row.schema, row.name)}`,
      );
    const read = await catalog.rows<ValueRow>(selects.join('\nUNION ALL\n'));
    for (const value of read) values.set(value.oid, value);
  }
  const sequences = rows.map((row): CatalogSequence => {
    const value = values.get(row.oid);
    if (value === undefined || value.lastValue === null || value.isCalled === null) {
      throw hidden([row]);
    }
    return {
      id: `sequence:${row.oid}`,
      schema: row.schema,
      name: row.name,
      ownedByTable: row.ownedByTable,
      lastValue: value.lastValue,
      isCalled: value.isCalled,
    };
  });
  return { sequences, drafts: sequences.map((sequence) => valueDraft(sequence)) };
}

function refuseHidden(rows: readonly OwnedSequence[]): void {
  if (rows.length > 0) throw hidden(rows);
}

function hidden(rows: readonly OwnedSequence[]): SyncError {
  const names = rows.map(({ schema, name }) => displayQualified(schema, name)).sort();
  return new SyncError(
    'SOURCE_NOT_READABLE',
    `This role may not read the value of ${names.length} sequence(s): ${names.join(', ')}.`,
    { details: { sequences: names } },
  );
}

function valueDraft({ id, schema, name, lastValue, isCalled }: CatalogSequence): Draft {
  return draft({
    id: `sequence value:${id.slice('sequence:'.length)}`,
    kind: 'sequence value',
    schema,
    name,
    identity: `value of sequence ${displayQualified(schema, name)}`,
    section: 'post-data',
    sql: `SELECT pg_catalog.setval(${quoteLiteral(qualifiedName(schema, name))}, ${lastValue}, ${isCalled});`,
    dropSql: null,
    partOf: id,
    needs: [id],
  });
}
