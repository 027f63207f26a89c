import { quoteIdentifier } from '../../postgres/identifiers.ts';

/** One access item that differs from the object's initial privileges. */
export interface PrivilegeItem {
  readonly action: 'grant' | 'revoke';
  readonly column: string | null;
  readonly grantee: string | null;
  readonly grantor: string | null;
  /** The schema that the grantor may not use any more. */
  readonly closedSchema?: string | null;
  readonly privileges: readonly string[] | null;
  readonly grantable: readonly string[] | null;
  readonly allPrivileges: number;
}

/** `on`: what follows ON. */
export function privilegeStatements(item: PrivilegeItem, on: string): string[] {
  return item.action === 'revoke' ? [revoke(item, on)] : grants(item, on);
}

/** The opposite, in opposite order. */
export function undoStatements(items: readonly PrivilegeItem[], on: string): string[] {
  return items
    .toReversed()
    .flatMap((item) => (item.action === 'revoke' ? grants(item, on) : [revoke(item, on)]));
}

/** The oldest major version that knows all of the privileges by name; if they make up ALL, ALL is written. */
export function versionOf(items: readonly PrivilegeItem[]): number {
  const named = items.some(
    (item) =>
      namesMaintain(item, item.privileges) ||
      namesMaintain(item, item.grantable) ||
      (item.action === 'revoke' && namesMaintain(item, together(item))),
  );
  return named ? 17 : 0;
}

function namesMaintain(item: PrivilegeItem, privileges: readonly string[] | null): boolean {
  return privileges?.includes('MAINTAIN') === true && privileges.length !== item.allPrivileges;
}

function together(item: PrivilegeItem): readonly string[] {
  return [...(item.privileges ?? []), ...(item.grantable ?? [])].sort();
}

function revoke(item: PrivilegeItem, on: string): string {
  return byGrantor(item, `REVOKE ${list(item, together(item))} ON ${on} FROM ${role(item.grantee)};`);
}

function grants(item: PrivilegeItem, on: string): string[] {
  const statements: string[] = [];
  const grant = (privileges: readonly string[]): string =>
    `GRANT ${list(item, privileges)} ON ${on} TO ${role(item.grantee)}`;
  if (item.privileges !== null) statements.push(byGrantor(item, `${grant(item.privileges)};`));
  if (item.grantable !== null) {
    statements.push(byGrantor(item, `${grant(item.grantable)} WITH GRANT OPTION;`));
  }
  return statements;
}

function list(item: PrivilegeItem, privileges: readonly string[]): string {
  const columns = item.column === null ? '' : ` (${quoteIdentifier(item.column)})`;
  if (privileges.length === item.allPrivileges) return `ALL${columns}`;
  return privileges.map((privilege) => `${privilege}${columns}`).join(', ');
}

function role(name: string | null): string {
  return name === null ? 'PUBLIC' : quoteIdentifier(name);
}

/** A grant is recorded under the role that makes it: the owner, or whoever held a grant option. */
function byGrantor({ grantor, closedSchema }: PrivilegeItem, statement: string): string {
  if (grantor === null) return statement;
  const name = quoteIdentifier(grantor);
  const asGrantor = `SET ROLE ${name};\n${statement}\nRESET ROLE;`;
  if (closedSchema === undefined || closedSchema === null) return asGrantor;
  const usage = `USAGE ON SCHEMA ${quoteIdentifier(closedSchema)}`;
  return `GRANT ${usage} TO ${name};\n${asGrantor}\nREVOKE ${usage} FROM ${name};`;
}
