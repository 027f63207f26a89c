import { sqlFile } from '../../lib/sql-file.ts';
import { quoteIdentifier, quoteLiteral } from '../../postgres/identifiers.ts';
import type { CatalogSession } from '../catalog-session.ts';
import { displayName } from '../display-name.ts';
import { address, draft } from '../draft.ts';
import type { Address, Claim, Draft } from '../draft.ts';
import { publicSchema } from '../schemas/public-schema.ts';

const sql = sqlFile(import.meta.url, './comments.sql');

interface CommentRow {
  readonly catalog: string;
  readonly oid: number;
  readonly number: number;
  readonly column: string | null;
  /** Null: there is no comment, which needs a statement. */
  readonly text: string | null;
}

export interface Comments {
  readonly drafts: readonly Draft[];
  /** Comments on rows that no draft stands for. */
  readonly unclaimed: readonly Address[];
}

/** The comment that initdb gives schema public. */
const publicComment = 'standard public schema';

export interface Claimant {
  readonly draft: Draft;
  readonly claim: Claim;
}

/** `claimantOf`: the draft that stands for a catalog row, and how. */
export async function readComments(
  catalog: CatalogSession,
  claimantOf: (row: Address) => Claimant | null,
): Promise<Comments> {
  const rows = await catalog.rows<CommentRow>(sql);
  const drafts: Draft[] = [];
  const unclaimed: Address[] = [];
  for (const row of rows) {
    const at = address(row.catalog, row.oid);
    const claimant = claimantOf(at);
    // Those on members of extensions have a reader of their own (extensions/extension-members.ts).
    if (claimant?.draft.kind === 'extension member') continue;
    const target = claimant === null ? null : columnOrWhole(row, claimant.claim);
    if (claimant === null || target === null) {
      unclaimed.push(at);
      continue;
    }
    if (isPublic(claimant.draft) && row.text === publicComment) continue;
    drafts.push({
      ...commentDraft(row, claimant.draft, target),
      minServerMajor: claimant.claim.minServerMajor,
    });
  }
  return { drafts, unclaimed };
}

export interface Target {
  /** What follows ON. */
  readonly on: string;
  readonly identity: string;
}

/**
 * The object that a row of `pg_description` or `pg_seclabel` speaks of, or its column; null where neither can be named.
 */
export function columnOrWhole(
  row: { readonly number: number; readonly column: string | null },
  claim: Claim,
): Target | null {
  if (row.number === 0) {
    return claim.commentOn === null ? null : { on: claim.commentOn, identity: claim.identity };
  }
  if (claim.columnsOf === null || row.column === null) return null;
  return {
    on: `COLUMN ${claim.columnsOf}.${quoteIdentifier(row.column)}`,
    identity: `column ${displayName(row.column)} of ${claim.identity}`,
  };
}

function isPublic(subject: Draft): boolean {
  return subject.kind === 'schema' && subject.name === publicSchema;
}

function commentDraft(row: CommentRow, subject: Draft, target: Target): Draft {
  const statement = (text: string): string => `COMMENT ON ${target.on} IS ${text};`;
  return draft({
    id: `comment:${row.catalog}:${row.oid}:${row.number}`,
    kind: 'comment',
    schema: subject.schema,
    name: subject.name,
    identity: `comment on ${target.identity}`,
    section: subject.section,
    sql: statement(row.text === null ? 'NULL' : quoteLiteral(row.text)),
    // A comment goes with its object; schema public stays.
    dropSql: isPublic(subject) ? statement(quoteLiteral(publicComment)) : null,
    facts: row.text === null ? { removes: true } : {},
    partOf: subject.id,
    needs: [subject.id],
    locks: subject.locks,
  });
}
