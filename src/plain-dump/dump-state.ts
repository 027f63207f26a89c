import { isUtf8 } from 'node:buffer';
import { SyncError } from '../errors/sync-error.ts';
import { clientEncoding, utf8 } from '../sql-lexer/client-encoding.ts';
import type { ClientEncoding } from '../sql-lexer/client-encoding.ts';
import { psqlCommandName } from '../sql-lexer/split-sql.ts';
import { Contents } from './contents.ts';
import { CreatedDatabase } from './created-database.ts';
import { skip } from './rules/judgement.ts';
import type { Judgement } from './rules/judgement.ts';

/** pg_dump's, and our own of a file that lost its manifest (dump/ddl-text.ts). */
const header = /^-- (?:PostgreSQL database dump|multiboard-sync dump \S+, format 1)\s*$/;
/** Ours makes no room before its objects, and has no such line before each. */
const ourHeader = /^-- multiboard-sync dump \S+, format 1\s*$/;
const clusterHeader = /^-- PostgreSQL database cluster dump\s*$/;
const trailer = /^-- (?:PostgreSQL database|multiboard-sync) dump complete\s*$/;
/** The program's own version, which may be newer than that of the server it read. */
const writer = /^-- Dumped by pg_dump version (\d+)/;
/**
 * What pg_dump writes before each object. What it writes earlier, besides settings, `--clean` and `--create` make it
 * write.
 */
const entry = /^-- (?:Data for |Statistics for )?Name: /;
const restrict = /^\\(un)?restrict[ \t]+([A-Za-z0-9]+)[ \t\r]*$/;
/** Before a `\connect` with a name outside ASCII's letters, so that psql takes its bytes as they are. */
const encodingOfName = /^\\encoding[ \t]+SQL_ASCII[ \t\r]*$/;

/** Statements that concern the session only. */
const settingLabel = /^(?:SET|RESET|SELECT pg_catalog\.set_config)\b/;

interface ReadStatement {
  readonly line: number;
  readonly text: Buffer;
  readonly encoding: ClientEncoding;
}

/** What a dump has told so far: what it must still say, how its bytes are read, and what does not belong into it. */
export class DumpState {
  /** Of the pg_dump that wrote the file; null where it does not say. */
  writerMajor: number | null = null;
  #encoding: ClientEncoding = utf8;
  #headers = 0;
  #trailers = 0;
  #entries = 0;
  #statements = 0;
  #restrictKey: string | null = null;
  #transactionLine: number | null = null;
  /** Rows for these would be written to another server. */
  readonly #foreignTables = new Set<string>();
  readonly #database = new CreatedDatabase();
  readonly #contents = new Contents();
  #isClean = true;

  comment(line: number, text: string): SyncError | null {
    if (header.test(text)) this.#headers += 1;
    if (trailer.test(text)) this.#trailers += 1;
    if (entry.test(text) || ourHeader.test(text)) this.#entries += 1;
    this.writerMajor ??= Number(writer.exec(text)?.[1] ?? 0) || null;
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

  /** `connected` where the file goes on as on a new connection to the database it has made. */
  psql(line: number, bytes: Buffer): 'passed' | 'connected' | SyncError {
    const text = bytes.toString('latin1');
    const [, un, key] = restrict.exec(text) ?? [];
    if (key !== undefined && un === undefined && this.#restrictKey === null) {
      this.#restrictKey = key;
      return 'passed';
    }
    if (key !== undefined && un !== undefined && this.#restrictKey === key) {
      this.#restrictKey = null;
      return 'passed';
    }
    const name = psqlCommandName(bytes);
    if (this.#restrictKey === null) {
      if (encodingOfName.test(text)) return 'passed';
      // The name stands in the encoding of the file.
      if (this.#database.connect(this.#encoding.decode(bytes))) {
        this.#encoding = utf8;
        return 'connected';
      }
    }
    const isConnect = name === '\\connect' || name === '\\c';
    return new SyncError('STORAGE_DUMP_FOREIGN', `Line ${line}: the psql command ${name} is not accepted.`, {
      details: { line },
      ...(isConnect
        ? {
            hint:
              'A file may connect only to the one database it creates (pg_dump --create). The target is named by ' +
              'its environment.',
          }
        : {}),
    });
  }

  /** What is done with a statement, in the light of what came before it. */
  judged(judgement: Judgement): Judgement {
    // Nothing is there yet that would have to make room.
    const isRoom = judgement.clears === true || judgement.creates?.type === 'VIEW';
    return isRoom && this.#isBeforeEntries ? skip(judgement.label, null) : judgement;
  }

  get #isBeforeEntries(): boolean {
    return this.#headers > 0 && this.#entries === 0;
  }

  /** Null where the statement belongs into the file. */
  statement(item: ReadStatement, judgement: Judgement): SyncError | null {
    const fault = this.#faultOf(item, judgement);
    if (fault === null) this.#contents.statement(judgement);
    else this.#isClean = false;
    return fault;
  }

  #faultOf(item: ReadStatement, judgement: Judgement): SyncError | null {
    const { line, text } = item;
    const { label, setting, creates, table } = judgement;
    this.#statements += 1;
    if (text.includes(0) || (item.encoding.isUtf8 && !isUtf8(text)))
      return encodingFault(line, label, 'holds bytes that are not UTF-8');
    if (judgement.action === 'refuse') return refused(line, label, judgement.reason);
    if (judgement.database !== undefined) return this.#database.statement(line, judgement);
    if (!settingLabel.test(label) && !this.#database.use()) {
      return refused(line, label, 'the file is not connected yet to the database it creates');
    }
    if (creates?.type === 'FOREIGN TABLE') this.#foreignTables.add(creates.name ?? '');
    if (table !== undefined && this.#foreignTables.has(table)) {
      return refused(line, label, 'its table is a foreign one, and the rows would go to another server');
    }
    if (label === 'BEGIN' || label === 'COMMIT') {
      const isOpen = this.#transactionLine !== null;
      if (isOpen === (label === 'BEGIN')) return refused(line, label, 'it matches no other');
      this.#transactionLine = isOpen ? null : line;
    }
    this.#encoding = item.encoding;
    if (setting?.name === 'client_encoding' && clientEncoding(setting.value) === null)
      return encodingFault(line, label, 'names an encoding that is not known here');
    return null;
  }

  /**
   * What people should know about the file. Throws STORAGE_DUMP_INCOMPLETE where something is missing,
   * STORAGE_DUMP_FOREIGN for a database that is not the file's.
   */
  end(): readonly string[] {
    if (this.#statements === 0) throw incomplete('The file holds no SQL statement.');
    if (this.#headers > this.#trailers) throw incomplete('The file lacks its last line, “… dump complete”.');
    if (this.#restrictKey !== null)
      throw incomplete('The file has \\restrict and no \\unrestrict at its end.');
    if (this.#transactionLine !== null) {
      throw incomplete(`The transaction begun at line ${this.#transactionLine} has no end.`);
    }
    const fault = this.#database.end();
    if (fault !== null) throw fault;
    // Of a file with faults it is not known what it holds, and other programs write files in other ways.
    return this.#isClean && this.#headers > 0 ? this.#contents.end() : [];
  }
}

export function refused(line: number, label: string, reason: string): SyncError {
  return new SyncError('STORAGE_DUMP_FOREIGN', `Line ${line}: ${label} is not accepted: ${reason}.`, {
    details: { line, statement: label },
    hint: 'Import only what pg_dump --format=plain writes about one database; leave the statement out of the file.',
  });
}

function incomplete(message: string): SyncError {
  return new SyncError('STORAGE_DUMP_INCOMPLETE', message);
}

function encodingFault(line: number, label: string, what: string): SyncError {
  return new SyncError('STORAGE_DUMP_ENCODING', `Line ${line}: ${label} ${what}.`, { details: { line } });
}
