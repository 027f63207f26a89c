import { sqlFile } from '../../lib/sql-file.ts';
import { quoteLiteral } from '../../postgres/identifiers.ts';

const body = sqlFile(import.meta.url, './drop-together.sql');

const rowTypes = { pg_type: 'regtype', pg_proc: 'regprocedure' } as const;

/**
 * Drops an object together with those that both need it and are needed by it (a type and its functions), and nothing
 * else: the server refuses where anything more would go. `name`: the object as SQL writes it (a function with the types
 * of its arguments); `drop`: what follows DROP.
 */
export function dropTogether(catalog: keyof typeof rowTypes, name: string, drop: string): string {
  const values: Readonly<Record<string, string>> = {
    ':class:': quoteLiteral(`pg_catalog.${catalog}`),
    ':object:': `${quoteLiteral(name)}::pg_catalog.${rowTypes[catalog]}`,
    ':drop:': drop,
  };
  const text = body
    .replaceAll(/^--.*\n/gm, '')
    .replaceAll(/:(?:class|object|drop):/g, (key) => values[key] ?? '');
  return `DO LANGUAGE plpgsql ${quoteLiteral(text)};`;
}
