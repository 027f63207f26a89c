/** The one function that quotes an identifier. Always quoted: no keyword list to keep up with, nothing to inject. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function qualifiedName(schema: string, name: string): string {
  return `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;
}

/** A string constant under `standard_conforming_strings = on`, which every session of ours pins. */
export function quoteLiteral(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** The names of a list as the server stores it (`"$user", public`), unquoted. */
export function splitIdentifiers(list: string): readonly string[] {
  return [...list.matchAll(/"((?:[^"]|"")*)"|[^\s,"]+/g)].map(([text, quoted]) =>
    quoted === undefined ? text : quoted.replaceAll('""', '"'),
  );
}
