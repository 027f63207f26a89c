import { isUtf8 } from 'node:buffer';
import { SyncError } from '../../errors/sync-error.ts';
import { psqlCommandName, splitSql } from '../../postgres/lexer/split-sql.ts';
import type { SqlItem } from '../../postgres/lexer/split-sql.ts';
import { checkedRows } from './checked-rows.ts';
import { judgeStatement } from './judge-statement.ts';
import type { ForeignOptions, Judgement } from './judgement.ts';
import { plainBytes } from './plain-bytes.ts';
import { encodingRule } from './settings.ts';

interface Judged {
  /** From 1, in the decompressed file. */
  readonly line: number;
  readonly judgement: Judgement;
}

export type ForeignItem =
  | (Judged & { readonly type: 'statement'; readonly text: Buffer })
  /** Rows are checked as they are read: STORAGE_DUMP_ENCODING, STORAGE_DUMP_INCOMPLETE. */
  | (Judged & {
      readonly type: 'copy';
      readonly text: Buffer;
      readonly rows: AsyncIterable<Buffer>;
      rowCount(): number;
    })
  /** Something for which the file is refused; reading goes on behind it. */
  | { readonly type: 'fault'; readonly line: number; readonly fault: SyncError };

/** pg_dump's, and our own of a file that lost its manifest (dump/ddl-text.ts). */
const header = /^-- (?:PostgreSQL database dump|multiboard-sync dump \S+, format 1)\s*$/;
const clusterHeader = /^-- PostgreSQL database cluster dump\s*$/;
const trailer = /^-- (?:PostgreSQL database|multiboard-sync) dump complete\s*$/;
const restrict = /^\\(un)?restrict[ \t]+([A-Za-z0-9]+)[ \t\r]*$/;

/**
 * Reads a plain `pg_dump` file (13 to 18, COPY or INSERT, plain or gzip) statement by statement, each with what is to be
 * done with it. Memory: some chunks and one statement. At the file's end it throws STORAGE_DUMP_INCOMPLETE when
 * something is missing there; errors of `plainBytes` and `splitSql` pass.
 */
export async function* readForeignDump(
  source: AsyncIterable<Buffer>,
  options: ForeignOptions,
): AsyncGenerator<ForeignItem, void, undefined> {
  const dump = new DumpState();
  for await (const item of splitSql(plainBytes(source))) {
    const { line } = item;
    if (item.type === 'comment') {
      const fault = dump.comment(line, item.text.toString('latin1'));
      if (fault !== null) yield { type: 'fault', line, fault };
    } else if (item.type === 'psql') {
      const fault = dump.psql(line, item.text);
      if (fault !== null) yield { type: 'fault', line, fault };
    } else {
      const judgement = judgeStatement({ ...item, hasRows: item.type === 'copy' }, options);
      const fault = dump.statement(item, judgement);
      if (fault !== null) yield { type: 'fault', line, fault };
      else if (item.type === 'statement') yield { type: 'statement', line, judgement, text: item.text };
      else {
        const rows = checkedRows(item.data, line + 1, dump.isUtf8);
        yield { type: 'copy', line, judgement, text: item.text, rows, rowCount: () => item.data.rows };
      }
    }
  }
  dump.end();
}

/** What a dump has told so far. */
class DumpState {
  isUtf8 = true;
  #headers = 0;
  #trailers = 0;
  #statements = 0;
  #restrictKey: string | null = null;
  #transactionLine: number | null = null;

  comment(line: number, text: string): SyncError | null {
    if (header.test(text)) this.#headers += 1;
    if (trailer.test(text)) this.#trailers += 1;
    if (!clusterHeader.test(text)) return null;
    return new SyncError(
      'STORAGE_DUMP_FOREIGN',
      `Line ${line}: the file is a dump of a whole server (pg_dumpall).`,
      {
        hint: 'Write a dump of the one database: pg_dump --format=plain DATABASE.',
        details: { line },
      },
    );
  }

  psql(line: number, text: Buffer): SyncError | null {
    const [, un, key] = restrict.exec(text.toString('latin1')) ?? [];
    if (key !== undefined && un === undefined && this.#restrictKey === null) {
      this.#restrictKey = key;
      return null;
    }
    if (key !== undefined && un !== undefined && this.#restrictKey === key) {
      this.#restrictKey = null;
      return null;
    }
    const name = psqlCommandName(text);
    const isConnect = name === '\\connect' || name === '\\c';
    return new SyncError('STORAGE_DUMP_FOREIGN', `Line ${line}: the psql command ${name} is not accepted.`, {
      details: { line },
      ...(isConnect
        ? { hint: 'Write the dump without --create: the target is named by its environment.' }
        : {}),
    });
  }

  statement(item: SqlItem & { readonly type: 'statement' | 'copy' }, judgement: Judgement): SyncError | null {
    const { line, text } = item;
    const { label, setting } = judgement;
    this.#statements += 1;
    if (text.includes(0) || (this.isUtf8 && !isUtf8(text)))
      return encodingFault(line, label, 'holds bytes that are not UTF-8');
    if (judgement.action === 'refuse') {
      return new SyncError(
        'STORAGE_DUMP_FOREIGN',
        `Line ${line}: ${label} is not accepted: ${judgement.reason}.`,
        {
          details: { line, statement: label },
          hint: 'Import only what pg_dump --format=plain writes about one database; leave the statement out of the file.',
        },
      );
    }
    if (label === 'BEGIN' || label === 'COMMIT') {
      const isOpen = this.#transactionLine !== null;
      if (isOpen === (label === 'BEGIN')) {
        return new SyncError(
          'STORAGE_DUMP_FOREIGN',
          `Line ${line}: ${label} is not accepted: it matches no other.`,
          {
            details: { line },
          },
        );
      }
      this.#transactionLine = isOpen ? null : line;
    }
    if (label === 'RESET ALL') this.isUtf8 = true;
    if (setting?.name === 'client_encoding') {
      const rule = encodingRule(setting.value);
      if (rule === null)
        return encodingFault(line, label, 'names an encoding that cannot be read byte by byte');
      this.isUtf8 = rule === 'utf8';
    }
    if (item.type === 'copy' && !this.isUtf8 && text.some((code) => code >= 0x80)) {
      return encodingFault(line, label, 'holds names outside ASCII in another encoding than UTF-8');
    }
    return null;
  }

  end(): void {
    if (this.#statements === 0) throw incomplete('The file holds no SQL statement.');
    if (this.#headers > this.#trailers) throw incomplete('The file lacks its last line, “… dump complete”.');
    if (this.#restrictKey !== null)
      throw incomplete('The file has \\restrict and no \\unrestrict at its end.');
    if (this.#transactionLine !== null) {
      throw incomplete(`The transaction begun at line ${this.#transactionLine} has no end.`);
    }
  }
}

function incomplete(message: string): SyncError {
  return new SyncError('STORAGE_DUMP_INCOMPLETE', message);
}

function encodingFault(line: number, label: string, what: string): SyncError {
  return new SyncError('STORAGE_DUMP_ENCODING', `Line ${line}: ${label} ${what}.`, { details: { line } });
}
