import { quoteLiteral } from '../../postgres/identifiers.ts';

/** Stands in a statement where the name of the database belongs. No name holds this character. */
export const thisDatabase = '\0';

/**
 * Statements about a database take its name as it is written: one that says "this one" has to be put together by the
 * server. So they hold wherever they run, in a database under another name too.
 */
export function onThisDatabase(statements: readonly string[]): string {
  const executions = statements.map((statement) => {
    const format = statement.replaceAll('%', '%%').replaceAll(thisDatabase, '%1$I');
    return `  EXECUTE pg_catalog.format(${quoteLiteral(format)}, pg_catalog.current_database());`;
  });
  return `DO ${quoteLiteral(['BEGIN', ...executions, 'END'].join('\n'))};`;
}
