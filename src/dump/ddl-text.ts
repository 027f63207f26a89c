import type { CatalogObject } from '../catalog/model.ts';
import type { ManifestObject } from './manifest.ts';

/** Settings under which the file's statements and rows mean what they meant when written. */
function settings(encoding: string): string {
  return `SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = '${encoding}';
SET standard_conforming_strings = on;
SET array_nulls = on;
SET transform_null_equals = off;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
SET lc_monetary = 'C';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET timezone = 'UTC';
`;
}

export interface DdlText {
  readonly text: Buffer;
  readonly objects: readonly ManifestObject[];
}

/** One section's objects as SQL text, each with its place in it. `head`/`tail` are not part of any object. */
export function ddlText(
  objects: readonly CatalogObject[],
  frame: { readonly head: string; readonly tail: string },
): DdlText {
  const parts: Buffer[] = [Buffer.from(frame.head)];
  let at = parts[0]?.length ?? 0;
  const placed: ManifestObject[] = [];
  for (const object of objects) {
    // A name may hold line breaks; in a comment they would start a new line of SQL (CVE-2025-8715).
    const comment = Buffer.from(`--\n-- ${object.identity.replaceAll(/[\r\n\u2028\u2029]/g, ' ')}\n--\n\n`);
    const body = Buffer.from(object.sql);
    placed.push({
      ...listed(object),
      sqlOffset: at + comment.length,
      sqlBytes: body.length,
    });
    const end = Buffer.from('\n\n');
    parts.push(comment, body, end);
    at += comment.length + body.length + end.length;
  }
  parts.push(Buffer.from(frame.tail));
  return { text: Buffer.concat(parts), objects: placed };
}

/** An object as a manifest lists it, without its place. */
export function listed({
  sql: _sql,
  dropSql: _dropSql,
  outside: _outside,
  needs,
  resolved,
  foundByPath,
  understood,
  reference,
  ...object
}: CatalogObject): Omit<ManifestObject, 'sqlOffset' | 'sqlBytes'> {
  return {
    ...object,
    ...(resolved === undefined || resolved.length === 0 ? {} : { resolved }),
    ...(reference === undefined ? {} : { reference }),
    ...(needs === undefined ? {} : { needs }),
    ...(understood === undefined ? {} : { understood }),
    ...(foundByPath === undefined || foundByPath.length === 0 ? {} : { foundByPath }),
  };
}

/** The head of a file: what it is, and the settings everything after it needs. */
export function fileHead(facts: {
  readonly dumpId: string;
  readonly serverVersion: string;
  readonly encoding: string;
  readonly takenAt: Date;
}): string {
  return `--
-- multiboard-sync dump ${facts.dumpId}, format 1
-- PostgreSQL ${facts.serverVersion.replaceAll(/[\r\n]/g, ' ')}, snapshot taken ${facts.takenAt.toISOString()}
-- Restore with: psql -X -v ON_ERROR_STOP=1 -f <this file> <an empty database>
--

${settings(facts.encoding)}
`;
}

export const postDataHead = '\n';
export const fileTail = '--\n-- multiboard-sync dump complete\n--\n';
