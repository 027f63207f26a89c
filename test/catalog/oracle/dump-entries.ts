import { pgDump } from '../../support/client-tools.ts';

/** `pg_dump --schema-only` of a database, one text per object, in an order that does not depend on OIDs. */
export async function dumpEntries(url: string): Promise<string[]> {
  return entriesOf(await dumpText(url, ['--schema-only']));
}

export async function dumpText(url: string, args: readonly string[]): Promise<string> {
  const result = await pgDump(url, ['--restrict-key=test', ...args]);
  if (result.code !== 0) throw new Error(`pg_dump: ${result.stderr}`);
  return result.stdout;
}

const end = '\n--\n-- PostgreSQL database dump complete';
/** What a table's place and storage come from: they stand before the next object that differs in them. */
const storage = /^SET (default_tablespace|default_table_access_method) = (.*);\n\n?/gm;
const stored = /Type: (?:TABLE|MATERIALIZED VIEW|INDEX|CONSTRAINT|FK CONSTRAINT);/;

/**
 * Splits at pg_dump's comments. Settings that come between two objects are taken out and said again on each object
 * they speak of, so that the order of objects does not matter. Some minors keep a counter among the options of columns.
 */
export function entriesOf(dump: string): string[] {
  const text = dump.replaceAll(/pg_attver=\d+/g, 'pg_attver=0');
  const settings: Record<string, string> = {};
  return text
    .slice(0, text.lastIndexOf(end))
    .split(/\n--\n-- (?=(?:Data for )?Name: )/)
    .map((entry) => {
      const own = stored.test(entry.split('\n', 1)[0] ?? '') ? JSON.stringify(settings) : '';
      const rest = entry.replaceAll(storage, (_line, name: string, value: string) => {
        settings[name] = value;
        return '';
      });
      return `${membersInOrder(rest.trimEnd())}${own}`;
    })
    .sort();
}

const member = /^ {4}(?:OPERATOR|FUNCTION) \d+ .*?(?= ?[,;]?$)/;

/**
 * pg_dump sorts members of families by their number alone: those of one number come as the server happens to read them.
 */
function membersInOrder(entry: string): string {
  if (!/^.*Type: OPERATOR (?:FAMILY|CLASS);/.test(entry)) return entry;
  const lines = entry.split('\n');
  const sorted = lines.flatMap((line) => member.exec(line)?.[0] ?? []).sort();
  return lines.map((line) => (member.test(line) ? (sorted.shift() ?? line) : line)).join('\n');
}
