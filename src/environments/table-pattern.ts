/** One part of a table's name in a rule: `*` stands for any run of characters, but not between quotes. */
type Part = (name: string) => boolean;

export interface TablePattern {
  /** Null where the rule names a table of any schema. */
  readonly schema: Part | null;
  readonly name: Part;
}

/**
 * Reads `Name`, `schema.Name`, `schema.*`, `schema."na.me"`. Null for what could mean more than one table or none:
 * more than one dot outside quotes, an empty part, a quote that is not closed or not at the edge of a part.
 */
export function tablePattern(rule: string): TablePattern | null {
  const parts = rule.match(/"(?:[^"]|"")*"|[^".]+|\./gs) ?? [];
  if (parts.join('') !== rule) return null;
  const [first, dot, second] = parts;
  if (first === undefined || first === '.') return null;
  if (parts.length === 1) return { schema: null, name: partOf(first) };
  if (parts.length !== 3 || dot !== '.' || second === undefined || second === '.') return null;
  return { schema: partOf(first), name: partOf(second) };
}

function partOf(written: string): Part {
  if (written.startsWith('"')) {
    const name = written.slice(1, -1).replaceAll('""', '"');
    return (other) => other === name;
  }
  const source = written
    .split('*')
    .map((text) => text.replaceAll(/[\\^$.|?+()[\]{}]/g, String.raw`\$&`))
    .join('.*');
  const pattern = new RegExp(`^${source}$`, 's');
  return (other) => pattern.test(other);
}
