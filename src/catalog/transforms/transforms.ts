import { sqlFile } from '../../lib/sql-file.ts';
import { quoteIdentifier } from '../../postgres/identifiers.ts';
import type { CatalogSession } from '../catalog-session.ts';
import { displayName, oneLine } from '../display-name.ts';
import { address, claim, draft } from '../draft.ts';
import type { Draft } from '../draft.ts';
import { quotePair } from '../name-pair.ts';
import type { NamePair } from '../name-pair.ts';

const sql = sqlFile(import.meta.url, './transforms.sql');

interface TransformRow {
  readonly oid: number;
  readonly type: string;
  readonly language: string;
  readonly fromSql: NamePair | null;
  readonly fromSqlArguments: string | null;
  readonly toSql: NamePair | null;
  readonly toSqlArguments: string | null;
}

export async function readTransforms(catalog: CatalogSession): Promise<readonly Draft[]> {
  const rows = await catalog.rows<TransformRow>(sql);
  return rows.map((row) => {
    const name = `TRANSFORM FOR ${row.type} LANGUAGE ${quoteIdentifier(row.language)}`;
    const identity = `transform for ${oneLine(row.type)} language ${displayName(row.language)}`;
    const functions = [
      ...directed('FROM SQL', row.fromSql, row.fromSqlArguments),
      ...directed('TO SQL', row.toSql, row.toSqlArguments),
    ];
    return draft({
      id: `transform:${row.oid}`,
      kind: 'transform',
      name: `${row.type} LANGUAGE ${row.language}`,
      identity,
      section: 'pre-data',
      sql: `CREATE ${name} (${functions.join(', ')});`,
      dropSql: `DROP ${name};`,
      claims: [claim(address('pg_transform', row.oid), identity, name)],
      // Its functions take or return "internal", which only those of C and internal languages can.
      superuser: true,
    });
  });
}

function directed(direction: string, name: NamePair | null, types: string | null): string[] {
  return name === null ? [] : [`${direction} WITH FUNCTION ${quotePair(name)}(${types ?? ''})`];
}
