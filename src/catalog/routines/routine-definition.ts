import { qualifiedName, quoteIdentifier, quoteLiteral } from '../../postgres/identifiers.ts';
import { settingValue } from '../../postgres/setting-value.ts';
import { readableQuery } from '../readable-query.ts';
import type { RoutineRow } from './routine-row.ts';

/** The statement that makes a function or procedure; `replaces`: a stub of it. */
export function routineDefinition(row: RoutineRow, replaces: boolean): string {
  const create = replaces ? 'CREATE OR REPLACE' : 'CREATE';
  return `${create} ${header(row)}\n${options(row).join('\n')}\n${body(row)};`;
}

function header(row: RoutineRow): string {
  const name = `${qualifiedName(row.schema, row.name)}(${row.arguments})`;
  return row.procedure ? `PROCEDURE ${name}` : `FUNCTION ${name}\nRETURNS ${row.result ?? 'void'}`;
}

const volatilities = { i: 'IMMUTABLE', s: 'STABLE', v: null } as const;
const parallels = { s: 'PARALLEL SAFE', r: 'PARALLEL RESTRICTED', u: null } as const;

function options(row: RoutineRow): string[] {
  const lines = [`LANGUAGE ${quoteIdentifier(row.language)}`];
  if (row.transforms.length > 0) {
    lines.push(`TRANSFORM ${row.transforms.map((type) => `FOR TYPE ${type}`).join(', ')}`);
  }
  const words = [
    row.window ? 'WINDOW' : null,
    volatilities[row.volatility],
    row.strict ? 'STRICT' : null,
    row.securityDefiner ? 'SECURITY DEFINER' : null,
    row.leakproof ? 'LEAKPROOF' : null,
    row.procedure ? null : costs(row),
    row.supportSchema === null || row.supportName === null
      ? null
      : `SUPPORT ${qualifiedName(row.supportSchema, row.supportName)}`,
    parallels[row.parallel],
  ].filter((word) => word !== null);
  if (words.length > 0) lines.push(words.join(' '));
  for (const setting of row.settings) lines.push(settingClause(setting));
  return lines;
}

/** What differs from what the server assumes for the language. */
function costs({ language, cost, rows }: RoutineRow): string | null {
  const standard = language === 'internal' || language === 'c' ? '1' : '100';
  const parts = [
    cost === standard || cost === '0' ? null : `COST ${cost}`,
    rows === '0' || rows === '1000' ? null : `ROWS ${rows}`,
  ].filter((part) => part !== null);
  return parts.length === 0 ? null : parts.join(' ');
}

function settingClause(setting: string): string {
  const equals = setting.indexOf('=');
  const name = setting.slice(0, equals);
  return `SET ${quoteIdentifier(name)} TO ${settingValue(name, setting.slice(equals + 1))}`;
}

function body(row: RoutineRow): string {
  if (row.body !== null) return readableQuery(row.body);
  const library = row.library === null ? '' : `${quoteLiteral(row.library)}, `;
  return `AS ${library}${dollarQuoted(row.source, row.procedure ? 'procedure' : 'function')}`;
}

/**
 * A string constant that leaves the text as it is. The tag grows until nothing in the text, or its end, begins with it.
 */
export function dollarQuoted(text: string, tag: string): string {
  if (text.includes(`$${tag}`)) return dollarQuoted(text, `${tag}x`);
  return `$${tag}$${text}$${tag}$`;
}
