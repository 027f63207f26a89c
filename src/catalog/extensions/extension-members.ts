import { sqlFile } from '../../lib/sql-file.ts';
import { quoteIdentifier, quoteLiteral } from '../../postgres/identifiers.ts';
import type { CatalogSession } from '../catalog-session.ts';
import { displayName, oneLine } from '../display-name.ts';
import { address, claim, draft } from '../draft.ts';
import type { Draft } from '../draft.ts';
import type { ExtensionMember, UnsupportedObject } from '../model.ts';
import type { MemberChange, ObjectFacts } from '../object-facts.ts';
import { unsupported } from '../unsupported/unsupported.ts';
import { guarded } from './guarded.ts';
import { changeStatements } from './member-changes.ts';
import type { MemberFacts } from './member-changes.ts';
import { memberStates, partCommentsOf, stateOf } from './member-states.ts';

const states = Object.keys(memberStates)
  .map((catalog) => `WHEN ${quoteLiteral(catalog)} THEN ${stateOf(catalog, 'm.objid') ?? ''}`)
  .join('\n    ');
const sql = sqlFile(import.meta.url, './extension-members.sql')
  .replace('/* states */', () => states)
  .replace('/* part comments */', () => `WHEN 'pg_type' THEN ${partCommentsOf('pg_type', 'm.objid') ?? ''}`);

interface MemberRow {
  readonly catalog: string;
  readonly oid: number;
  readonly extension: number;
  readonly extensionName: string;
  readonly version: string;
  /** As `pg_get_object_address` wants it, as are names and arguments. */
  readonly type: string;
  readonly names: readonly string[];
  readonly arguments: readonly string[];
  /** Qualified and quoted, as statements want it. */
  readonly identity: string;
  readonly schema: string | null;
  readonly state: string | null;
  readonly facts: MemberFacts | null;
  /** OIDs of extensions with which a routine goes. */
  readonly goesWith: readonly string[] | null;
  readonly touched: boolean;
  readonly later: boolean;
  readonly owner: string;
  readonly othersOwn: boolean;
  readonly comment: string | null;
  readonly commentTouched: boolean;
  readonly commentLater: boolean;
  /** On attributes and constraints of a type, as text for comparing. */
  readonly partComments: string | null;
  readonly partStatements: readonly string[] | null;
  readonly partsTouched: boolean;
  readonly partsLater: boolean;
}

export interface ExtensionMembers {
  readonly drafts: readonly Draft[];
  readonly members: readonly ExtensionMember[];
  readonly unsupported: readonly UnsupportedObject[];
}

/**
 * Changes that somebody made to an extension's members (an ALTER, another body, a comment, an owner). Each change is
 * made again right after the extension, if that has the same version and its member is not so already. A change that
 * no statement can make is unsupported. Changes are made and dropped with the extension.
 */
export async function readExtensionMembers(catalog: CatalogSession): Promise<ExtensionMembers> {
  const rows = await catalog.rows<MemberRow>(sql);
  const kept = rows.map((row) => ({ row, statements: row.touched ? changeStatements(row) : [] }));
  return {
    drafts: kept.flatMap(({ row, statements }) => [
      ...(row.touched && statements !== null && row.state !== null
        ? [changeDraft(row, row.state, statements)]
        : []),
      ...(row.commentTouched && row.comment !== null ? [commentDraft(row, row.comment)] : []),
      ...(row.partsTouched && row.partStatements !== null
        ? [partCommentsDraft(row, row.partStatements)]
        : []),
      ...(row.othersOwn ? [ownerDraft(row)] : []),
    ]),
    members: rows.map((row) => ({
      identity: identityOf(row),
      extension: row.extensionName,
      version: row.version,
      kind: row.type,
      state: row.state,
      comment: row.comment,
      partComments: row.partComments,
      owner: row.owner,
    })),
    unsupported: kept.flatMap(({ row, statements }) =>
      row.later && statements === null
        ? [
            unsupported(`changes of ${identityOf(row)}`, {
              obstacle: 'which no statement can set again on a member of an extension',
            }),
          ]
        : [],
    ),
  };
}

export interface MemberFault {
  readonly text: string;
  /** The target's extension has another version, whose members are its own. */
  readonly ofVersion: boolean;
}

/** The change of a member that did not take effect; null if it did. */
export function memberFault(
  { identity, roles }: { readonly identity: string; readonly roles: readonly string[] },
  change: MemberChange,
  members: ReadonlyMap<string, ExtensionMember>,
): MemberFault | null {
  const member = members.get(change.identity);
  if (member === undefined) return { text: `${identity} is missing`, ofVersion: true };
  const { aspect, wanted } = change;
  const is = aspect === 'owner' ? roles[0] === member.owner : wanted?.text === (textOf(member, aspect) ?? '');
  if (is) return null;
  return {
    text: `${identity} is different`,
    ofVersion: aspect === 'state' && wanted?.version !== member.version,
  };
}

function textOf(
  { state, comment, partComments }: ExtensionMember,
  aspect: Exclude<MemberChange['aspect'], 'owner'>,
): string | null {
  if (aspect === 'comment') return comment;
  return aspect === 'part comments' ? partComments : state;
}

/** The facts of a change that is made by a guarded statement. */
function changed(
  row: MemberRow,
  aspect: Exclude<MemberChange['aspect'], 'owner'>,
  text: string,
): ObjectFacts {
  const wanted = { extension: row.extensionName, version: row.version, text };
  return { guarded: true, member: { identity: identityOf(row), aspect, wanted } };
}

function identityOf(row: MemberRow): string {
  return `${row.type} ${oneLine(row.identity.replaceAll('pg_catalog.', ''))} of extension ${displayName(row.extensionName)}`;
}

function changeDraft(row: MemberRow, state: string, statements: readonly string[]): Draft {
  const identity = `changes of ${identityOf(row)}`;
  return draft({
    ...common(row),
    id: `member:${row.catalog}:${row.oid}`,
    identity,
    sql: guarded(statements.join('\n'), {
      condition: `${sameVersion(row)} AND ${stateOf(row.catalog, oidOf(row)) ?? 'NULL'} IS DISTINCT FROM ${quoteLiteral(state)}`,
      excuse: null,
    }),
    facts: changed(row, 'state', state),
    needs: [extensionId(row), ...(row.goesWith ?? []).map((oid) => `extension:${oid}`)],
    // Tables of an extension are spoken of by their parts.
    claims: row.catalog === 'pg_class' ? [] : [claim(address(row.catalog, row.oid), identity, named(row))],
    superuser: row.later,
  });
}

/** A comment does no harm to another version. */
function commentDraft(row: MemberRow, comment: string): Draft {
  return draft({
    ...common(row),
    id: `member comment:${row.catalog}:${row.oid}`,
    identity: `comment on ${identityOf(row)}`,
    sql: guarded(`COMMENT ON ${named(row)} IS ${quoteLiteral(comment)};`, {
      condition: `pg_catalog.obj_description(${oidOf(row)}, ${quoteLiteral(row.catalog)}) IS DISTINCT FROM ${quoteLiteral(comment)}`,
      excuse: `NOT ${sameVersion(row)}`,
    }),
    facts: changed(row, 'comment', comment),
    needs: [extensionId(row)],
    superuser: row.commentLater,
  });
}

function partCommentsDraft(row: MemberRow, statements: readonly string[]): Draft {
  return draft({
    ...common(row),
    id: `member part comments:${row.catalog}:${row.oid}`,
    identity: `comments on parts of ${identityOf(row)}`,
    sql: guarded(statements.join('\n'), {
      condition: `${partCommentsOf(row.catalog, oidOf(row)) ?? 'NULL'} IS DISTINCT FROM ${quoteLiteral(row.partComments ?? '')}`,
      excuse: `NOT ${sameVersion(row)}`,
    }),
    facts: changed(row, 'part comments', row.partComments ?? ''),
    superuser: row.partsLater,
  });
}

function ownerDraft(row: MemberRow): Draft {
  return draft({
    ...common(row),
    id: `owner:member:${row.catalog}:${row.oid}`,
    kind: 'owner',
    identity: `owner of ${identityOf(row)}`,
    section: 'post-data',
    sql: `ALTER ${named(row)} OWNER TO ${quoteIdentifier(row.owner)};`,
    facts: { member: { identity: identityOf(row), aspect: 'owner' } },
    roles: [row.owner],
    locks: row.catalog === 'pg_class' ? [{ table: `table:${row.oid}`, mode: 'exclusive' }] : [],
  });
}

function common(row: MemberRow): Omit<Parameters<typeof draft>[0], 'id' | 'identity' | 'sql'> {
  return {
    kind: 'extension member',
    schema: row.schema,
    name: row.names.at(-1) ?? '',
    section: 'pre-data',
    dropSql: null,
    partOf: extensionId(row),
    needs: [extensionId(row)],
  };
}

/** What statements call a type of object, where that is not its type in capitals. */
const objectWords: Readonly<Record<string, string>> = {
  'foreign-data wrapper': 'FOREIGN DATA WRAPPER',
  'composite type': 'TYPE',
};

/** As statements name it. */
function named({ type, identity }: MemberRow): string {
  return `${objectWords[type] ?? type.toUpperCase()} ${identity}`;
}

function oidOf({ type, names, arguments: types }: MemberRow): string {
  const array = (texts: readonly string[]): string => `ARRAY[${texts.map(quoteLiteral).join(', ')}]::text[]`;
  return `(SELECT a.objid FROM pg_catalog.pg_get_object_address(${quoteLiteral(type)}, ${array(names)}, ${array(types)}) AS a)`;
}

function sameVersion({ extensionName, version }: MemberRow): string {
  return `EXISTS (SELECT FROM pg_catalog.pg_extension AS e WHERE e.extname = ${quoteLiteral(extensionName)} AND e.extversion = ${quoteLiteral(version)})`;
}

function extensionId({ extension }: MemberRow): string {
  return `extension:${extension}`;
}
