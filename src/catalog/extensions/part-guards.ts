import { qualifiedName, quoteLiteral } from '../../postgres/identifiers.ts';
import type { Draft } from '../draft.ts';
import type { ExtensionRelation } from './extension-relations.ts';
import type { Guard } from './guarded.ts';

export type TableName = Pick<ExtensionRelation, 'schema' | 'name'>;

/** Whether a part is known to be the user's. */
export interface PartOrigin {
  /** It needs something that no script of the extension knows, so it is the user's. */
  readonly users: boolean;
}

/**
 * A part of an extension's relation is made if there is none of its name yet. If the extension has another version,
 * parts that its old script may have made are left out (an outdated CHECK would break it); only parts that surely
 * belong to the user are made, and indexes, which only make things faster.
 */
export function partGuard(part: Draft, relation: ExtensionRelation, { users }: PartOrigin): Guard {
  const absent = absence(part, relation);
  const version = sameVersion(relation);
  if (users) return absenceGuard(part, relation);
  if (part.kind === 'index' && !/(?:^|\n)CREATE UNIQUE INDEX /.test(textOf(part)))
    return { condition: absent, excuse: `NOT ${version}` };
  return { condition: `${absent} AND ${version}`, excuse: null };
}

/** Where there is none of its name on a table yet. */
export function absenceGuard(part: Draft, table: TableName): Guard {
  return { condition: absence(part, table), excuse: null };
}

/** A comment on a part: where the part has none. */
export function commentGuard(comment: Draft, part: Draft, relation: ExtensionRelation): Guard {
  const [, catalog = ''] = comment.id.split(':');
  const oid = oidOf(catalog, part, relation);
  return {
    condition: `${oid} IS NOT NULL AND pg_catalog.obj_description(${oid}, ${quoteLiteral(catalog)}) IS NULL`,
    excuse: null,
  };
}

/**
 * Whether a trigger exists and the role may disable it: tables of a trusted extension do not belong to the role that
 * installed it. A trigger that it may not disable fires for the loaded rows; if it changes them, their digest shows
 * it.
 */
export function triggerObeys(relation: TableName, trigger: string): string {
  const exists = `${oidOfRow('pg_trigger', 'tgrelid', 'tgname', relation, trigger)} IS NOT NULL`;
  const table = regclass(relation.schema, relation.name);
  return `${exists} AND (SELECT pg_catalog.pg_has_role(c.relowner, 'USAGE') FROM pg_catalog.pg_class AS c WHERE c.oid = ${table})`;
}

function textOf({ sql }: Draft): string {
  return typeof sql === 'string' ? sql : sql(() => true);
}

function absence(part: Draft, relation: TableName): string {
  const { kind, name } = part;
  const schema = part.schema ?? '';
  const table = regclass(relation.schema, relation.name);
  if (kind === 'row security') {
    const set = [
      ['c.relrowsecurity', ' ENABLE ROW LEVEL SECURITY;'],
      ['c.relforcerowsecurity', ' FORCE ROW LEVEL SECURITY;'],
    ].flatMap(([column = '', words = '']) => (textOf(part).includes(words) ? [column] : []));
    return `NOT EXISTS (SELECT FROM pg_catalog.pg_class AS c WHERE c.oid = ${table} AND ${set.join(' AND ')})`;
  }
  if (kind === 'index attach')
    return `NOT EXISTS (SELECT FROM pg_catalog.pg_inherits AS i WHERE i.inhrelid = ${regclass(schema, name)})`;
  // A table has one at most, whatever it is called.
  if (kind === 'primary key')
    return `NOT EXISTS (SELECT FROM pg_catalog.pg_constraint AS k WHERE k.conrelid = ${table} AND k.contype = 'p')`;
  const [catalog = ''] = part.claims[0]?.address.split(':') ?? [];
  const none = `${oidOf(catalog, part, relation)} IS NULL`;
  const hasIndex = kind === 'unique constraint' || kind === 'exclusion constraint';
  return hasIndex ? `${none} AND ${regclass(schema, name)} IS NULL` : none;
}

/** What has the part's name, in one of the catalogs that may hold it; NULL where nothing has. */
function oidOf(catalog: string, part: Draft, relation: TableName): string {
  switch (catalog) {
    case 'pg_constraint':
      return oidOfRow(catalog, 'conrelid', 'conname', relation, part.name);
    case 'pg_trigger':
      return oidOfRow(catalog, 'tgrelid', 'tgname', relation, part.name);
    case 'pg_rewrite':
      return oidOfRow(catalog, 'ev_class', 'rulename', relation, part.name);
    case 'pg_policy':
      return oidOfRow(catalog, 'polrelid', 'polname', relation, part.name);
    case 'pg_statistic_ext':
      return `(SELECT s.oid FROM pg_catalog.pg_statistic_ext AS s JOIN pg_catalog.pg_namespace AS n ON n.oid = s.stxnamespace WHERE n.nspname = ${quoteLiteral(part.schema ?? '')} AND s.stxname = ${quoteLiteral(part.name)})`;
    default:
      return regclass(part.schema ?? '', part.name);
  }
}

function oidOfRow(catalog: string, table: string, name: string, relation: TableName, part: string): string {
  return `(SELECT r.oid FROM pg_catalog.${catalog} AS r WHERE r.${table} = ${regclass(relation.schema, relation.name)} AND r.${name} = ${quoteLiteral(part)})`;
}

function regclass(schema: string, name: string): string {
  return `pg_catalog.to_regclass(${quoteLiteral(qualifiedName(schema, name))})`;
}

function sameVersion({ extensionName, version }: ExtensionRelation): string {
  return `EXISTS (SELECT FROM pg_catalog.pg_extension AS e WHERE e.extname = ${quoteLiteral(extensionName)} AND e.extversion = ${quoteLiteral(version)})`;
}
