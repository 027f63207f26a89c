const text = String.raw`E?'(?:[^'\\]|''|\\.)*'`;
const name = String.raw`(?:"(?:[^"]|"")+"|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)`;
const type = String.raw`(?:double precision|(?:character|bit) varying|${name}(?:\.${name})?)(?:\(\d+(?:,\s?\d+)?\))?(?: with(?:out)? time zone)?`;
const constant = String.raw`(?:(?:${text}|NULL)(?:::${type})?|[\w.]+)`;
const marks = new RegExp(String.raw` TO (${constant}) DEFAULT (${constant})(?= USING )`, 'g');
const cast = new RegExp(`^(${text}|NULL)::(${type})$`);

/**
 * A query as the server writes it, in words that a server can read: `CYCLE a SET m TO 'Y'::text DEFAULT 'N'::text` is
 * written with casts (since 14), while only `text 'Y'` can stand there.
 */
export function readableQuery(sql: string): string {
  if (!sql.includes('CYCLE ')) return sql;
  return sql.replaceAll(
    marks,
    (_, mark: string, other: string) => ` TO ${readable(mark)} DEFAULT ${readable(other)}`,
  );
}

function readable(value: string): string {
  const [, bare, ofType] = cast.exec(value) ?? [];
  if (bare === undefined || ofType === undefined) return value;
  return bare === 'NULL' ? bare : `${ofType} ${bare}`;
}
