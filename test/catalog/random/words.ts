/** Names that try to leave their quotes, lines and comments, or that are words of SQL. */
export const names: readonly string[] = [
  'a',
  'Mixed Case',
  'select',
  'user',
  'quo"te',
  "apo'strophe",
  'new\nline',
  'back\\slash',
  '%I %s %%',
  '--dashes',
  '/* open',
  '$1 $$ $q$',
  '\\.',
  '\\! echo x',
  '; DROP TABLE x; --',
  'ääääääääääääääääääääääääääääx',
  '日本語😀',
  ' ',
  'tab\there',
  'null',
  'new',
  'pg_like',
  '1digit',
  'a.b',
];

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
