import { sqlFile } from '../../lib/sql-file.ts';
import { quoteIdentifier, quoteLiteral } from '../../postgres/identifiers.ts';
import type { CatalogSession } from '../catalog-session.ts';
import { columnOrWhole } from '../comments/comments.ts';
import type { Claimant, Target } from '../comments/comments.ts';
import { displayName } from '../display-name.ts';
import { address, draft } from '../draft.ts';
import type { Address, Draft } from '../draft.ts';
import { publicSchema } from '../schemas/public-schema.ts';

const sql = sqlFile(import.meta.url, './security-labels.sql');

interface SecurityLabelRow {
  readonly catalog: string;
  readonly oid: number;
  readonly number: number;
  readonly column: string | null;
  readonly provider: string;
  readonly label: string;
}

export interface SecurityLabels {
  readonly drafts: readonly Draft[];
  /** Labels on rows that no draft stands for. */
  readonly unclaimed: readonly Address[];
}

/**
 * `claimantOf`: the draft that stands for a catalog row, and how. Its provider must be loaded where the label is set:
 * a server without it refuses the statement.
 */
export async function readSecurityLabels(
  catalog: CatalogSession,
  claimantOf: (row: Address) => Claimant | null,
): Promise<SecurityLabels> {
  const rows = await catalog.rows<SecurityLabelRow>(sql);
  const drafts: Draft[] = [];
  const unclaimed: Address[] = [];
  for (const row of rows) {
    const at = address(row.catalog, row.oid);
    const claimant = claimantOf(at);
    const target = claimant === null ? null : columnOrWhole(row, claimant.claim);
    if (claimant === null || target === null) unclaimed.push(at);
    else drafts.push(labelDraft(row, claimant.draft, target));
  }
  return { drafts, unclaimed };
}

function labelDraft(row: SecurityLabelRow, subject: Draft, target: Target): Draft {
  const statement = (text: string): string =>
    `SECURITY LABEL FOR ${quoteIdentifier(row.provider)} ON ${target.on} IS ${text};`;
  const stays = subject.kind === 'schema' && subject.name === publicSchema;
  return draft({
    id: `security label:${row.catalog}:${row.oid}:${row.number}:${row.provider}`,
    kind: 'security label',
    schema: subject.schema,
    name: subject.name,
    identity: `security label of ${displayName(row.provider)} on ${target.identity}`,
    section: subject.section,
    sql: statement(quoteLiteral(row.label)),
    // A label goes with its object; schema public stays.
    dropSql: stays ? statement('NULL') : null,
    partOf: subject.id,
    needs: [subject.id],
    locks: subject.locks,
  });
}
