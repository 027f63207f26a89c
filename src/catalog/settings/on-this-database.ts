import { quoteLiteral } from '../../postgres/identifiers.ts';

/** Stands in a statement where the name of the database belongs. No name holds this character. */
export const thisDatabase = '\0';

/**
 * Statements about a database need its name, and there is no word for "this database". So the server puts the name in
 * when the statement runs, also in a database of another name.
 */
export function onThisDatabase(statements: readonly string[]): string {
  const executions = statements.map((statement) => {
    const format = statement.replaceAll('%', '%%').replaceAll(thisDatabase, '%1$I');
    return `  EXECUTE pg_catalog.format(${quoteLiteral(format)}, pg_catalog.current_database());`;
  });
  return `DO ${quoteLiteral(['BEGIN', ...executions, 'END'].join('\n'))};`;
}
