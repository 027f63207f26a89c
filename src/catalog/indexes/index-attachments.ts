import { sqlFile } from '../../lib/sql-file.ts';
import { qualifiedName } from '../../postgres/identifiers.ts';
import type { CatalogSession } from '../catalog-session.ts';
import type { ConstraintRow } from '../constraints/constraint-row.ts';
import { displayQualified } from '../display-name.ts';
import { address, draft } from '../draft.ts';
import type { Address, Draft } from '../draft.ts';

const sql = sqlFile(import.meta.url, './index-attachments.sql');

interface AttachmentRow {
  readonly child: number;
  readonly childSchema: string;
  readonly childName: string;
  readonly childTable: number;
  readonly parent: number;
  readonly parentSchema: string;
  readonly parentName: string;
  readonly parentTable: number;
}

export interface IndexAttachments {
  /** Partitioned index → indexes attached to it. */
  readonly children: ReadonlyMap<number, readonly number[]>;
  /** `idOf` says which draft stands for an index, a constraint's included. */
  readonly drafts: (idOf: (index: Address) => string | null) => readonly Draft[];
}

export async function readIndexAttachments(catalog: CatalogSession): Promise<IndexAttachments> {
  const rows = await catalog.rows<AttachmentRow>(sql);
  const children = new Map<number, number[]>();
  for (const { child, parent } of rows) children.set(parent, [...(children.get(parent) ?? []), child]);
  return {
    children,
    drafts: (idOf) => rows.flatMap((row) => attachDraft(row, idOf)),
  };
}

function attachDraft(row: AttachmentRow, idOf: (index: Address) => string | null): Draft[] {
  const child = idOf(address('pg_class', row.child));
  const parent = idOf(address('pg_class', row.parent));
  // Indexes of foreign or extension tables are not ours to attach.
  if (child === null || parent === null) return [];
  const parentIndex = qualifiedName(row.parentSchema, row.parentName);
  const childIndex = qualifiedName(row.childSchema, row.childName);
  return [
    draft({
      id: attachmentId(row.child),
      kind: 'index attach',
      schema: row.childSchema,
      name: row.childName,
      identity: `attachment of index ${displayQualified(row.childSchema, row.childName)} to ${displayQualified(row.parentSchema, row.parentName)}`,
      section: 'post-data',
      sql: `ALTER INDEX ${parentIndex} ATTACH PARTITION ${childIndex};`,
      dropSql: null,
      partOf: child,
      needs: [child, parent],
      locks: [
        { table: `table:${row.childTable}`, mode: 'exclusive' },
        { table: `table:${row.parentTable}`, mode: 'exclusive' },
      ],
    }),
  ];
}

function attachmentId(childIndex: number): string {
  return `index attach:${childIndex}`;
}

/**
 * Attachments below a partitioned index: until all are done the index enforces nothing, and no foreign key may use it.
 */
function attachmentsBelow(children: ReadonlyMap<number, readonly number[]>, index: number): string[] {
  return (children.get(index) ?? []).flatMap((child) => [
    attachmentId(child),
    ...attachmentsBelow(children, child),
  ]);
}

/** A foreign key to a partitioned table waits until the key it relies on has all its parts. */
export function withAttachments(
  drafts: readonly Draft[],
  constraints: readonly ConstraintRow[],
  children: ReadonlyMap<number, readonly number[]>,
): Draft[] {
  const reliesOn = new Map(
    constraints.filter(({ type }) => type === 'f').map((row) => [`foreign key:${row.oid}`, row.index]),
  );
  return drafts.map((draft) => {
    const index = reliesOn.get(draft.id);
    const needs = index === undefined ? [] : attachmentsBelow(children, index);
    return needs.length === 0 ? draft : { ...draft, needs: [...draft.needs, ...needs] };
  });
}
