/** A table, a view or a sequence, as far as naming it goes. */
export interface NamedInSchema {
  /** Null is read as an empty name. */
  readonly schema: string | null;
  readonly name: string;
}

/**
 * `public.Part`: a table's name for people and as a key. A part that holds a dot, a quote or a star stands between
 * quotes (`a."b.c"`, `"a.b".c`), so that no two tables have one name; a policy that is given this name means this
 * table alone.
 */
export function tableName({ schema, name }: NamedInSchema): string {
  return `${part(schema ?? '')}.${part(name)}`;
}

function part(name: string): string {
  return /[."*]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name;
}
