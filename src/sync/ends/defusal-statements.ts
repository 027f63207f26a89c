import type { DefusalFile } from '../../environments/defusal.ts';
import { SyncError } from '../../errors/sync-error.ts';
import { splitSql } from '../../sql-lexer/split-sql.ts';
import { tokensOf } from '../../sql-lexer/tokens.ts';

export interface DefusalStatement {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** Its first word, in capitals. */
  readonly command: string;
  readonly text: Buffer;
}

/** All of the files run as one: what ends a transaction, or begins one, would take a part of them out. */
const ofTransactions: ReadonlySet<string> = new Set([
  'ABORT',
  'BEGIN',
  'COMMIT',
  'END',
  'PREPARE',
  'RELEASE',
  'ROLLBACK',
  'SAVEPOINT',
  'START',
]);

/** CONFIG_INVALID for what cannot be a part of one transaction, with its file and line. */
export async function defusalStatements(files: readonly DefusalFile[]): Promise<readonly DefusalStatement[]> {
  const statements: DefusalStatement[] = [];
  for (const { name, sql } of files) {
    const refuse = (line: number, why: string): never => {
      throw new SyncError('CONFIG_INVALID', `${name}:${line}: ${why}.`);
    };
    // A last statement needs no semicolon, as in psql.
    const whole = /;\s*$/.test(sql) || sql.trim() === '' ? sql : `${sql}\n;`;
    for await (const item of splitSql(chunkOf(Buffer.from(whole)))) {
      if (item.type === 'comment') continue;
      if (item.type === 'psql') refuse(item.line, 'commands of psql are not SQL; write what they stand for');
      if (item.type === 'copy') refuse(item.line, 'rows cannot come with COPY here; write INSERT');
      if (item.type !== 'statement') continue;
      const command = (tokensOf(item.text, { limit: 1 })[0]?.word ?? '').toUpperCase();
      if (command === '') continue;
      if (ofTransactions.has(command))
        refuse(item.line, `${command} would end the transaction that all of it runs in, or begin another`);
      statements.push({ file: name, line: item.line, command, text: item.text });
    }
  }
  return statements;
}

async function* chunkOf(bytes: Buffer): AsyncGenerator<Buffer> {
  if (bytes.length > 0) yield bytes;
}
