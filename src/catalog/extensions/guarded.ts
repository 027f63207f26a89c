import { dollarQuoted } from '../routines/routine-definition.ts';

/** A condition that is checked when the statement is reached; without it nothing runs. */
export interface Guard {
  /** SQL; every name in it is qualified. */
  readonly condition: string;
  /** SQL of a condition under which a missing table, column, function or type is no error; null: it always is one. */
  readonly excuse: string | null;
}

/** Statements (each with its `;`) under a guard, as one statement. */
export function guarded(statements: string, { condition, excuse }: Guard): string {
  const otherwise =
    excuse === null
      ? ''
      : `
EXCEPTION WHEN undefined_table OR undefined_column OR undefined_function OR undefined_object THEN
  IF NOT (${excuse}) THEN
    RAISE;
  END IF;`;
  return assembled(
    statements,
    `
BEGIN
  IF ${condition} THEN
    EXECUTE statements;
  END IF;${otherwise}
END`,
  );
}

/** The statements under a guard; null for what has none. */
export function unguarded(sql: string): string | null {
  return partsOf(sql)?.statements ?? null;
}

/** The guard around statements, with the code that they are a part of; null for what has none. */
export function guardIn(sql: string): string | null {
  return partsOf(sql)?.rest ?? null;
}

/** A definition after statements (of plpgsql) that are no part of it. */
export function prepared(statements: readonly string[], sql: string): string {
  if (statements.length === 0) return sql;
  const body = `BEGIN\n${statements.map((statement) => `  ${statement}\n`).join('')}END`;
  return `${head}${dollarQuoted(body, 'before')};\n${sql}`;
}

/** The definition itself, without the guard around it, the statements before it and the path under which it is made. */
export function definitionIn(sql: string): string {
  if (!sql.startsWith(head)) return withoutPath(sql);
  return withoutPath(unguarded(sql) ?? sql.slice(preparation.exec(sql)?.[0].length ?? 0));
}

/**
 * A definition without the `search_path` that it is made under (search-path/search-paths.ts): what its names have
 * found is compared by itself.
 */
function withoutPath(sql: string): string {
  return underPath.exec(sql)?.[1] ?? sql;
}

/** The same definition after a change, under the same guard where it has one. */
export function withDefinition(sql: string, change: (statements: string) => string): string {
  const parts = partsOf(sql);
  return parts === null ? change(sql) : assembled(change(parts.statements), parts.rest);
}

const head = 'DO LANGUAGE "plpgsql" ';
const underPath =
  /^SET search_path TO '(?:[^']|'')*'(?:, '(?:[^']|'')*')*;\n([\s\S]*)\nSET search_path TO '';$/;
const preparation = /^DO LANGUAGE "plpgsql" (\$beforex*\$)[\s\S]*?\1;\n/;
const pattern =
  /^(\$partx*\$)DECLARE\n {2}statements text := (\$statementsx*\$)([\s\S]*?)\2;(\nBEGIN\n[\s\S]*)\1;$/;

function assembled(statements: string, rest: string): string {
  const body = `DECLARE\n  statements text := ${dollarQuoted(statements, 'statements')};${rest}`;
  return `${head}${dollarQuoted(body, 'part')};`;
}

function partsOf(sql: string): { readonly statements: string; readonly rest: string } | null {
  if (!sql.startsWith(`${head}$part`)) return null;
  const [, , , statements, rest] = pattern.exec(sql.slice(head.length)) ?? [];
  return statements === undefined || rest === undefined ? null : { statements, rest };
}
