import { SyncError } from '../errors/sync-error.ts';
import type { Judgement } from './rules/judgement.ts';
import { plainName } from './rules/token-cursor.ts';

/** `\connect name`, `\connect "Name"`, and pg_dump's form for names that need more care. */
const plainConnect = /^\\(?:connect|c)[ \t]+([A-Za-z0-9_.]+|"(?:[^"]|"")*")[ \t\r]*$/;
const carefulConnect = /^\\connect[ \t]+-reuse-previous=on[ \t]+"dbname='((?:[^'"\\]|\\.|"")*)'"[ \t\r]*$/;

/**
 * The one database that a file of `pg_dump --create` makes and connects to. Statements about it as an object are left
 * out; statements about any other are refused, and so is a file that names a database and does not create it.
 */
export class CreatedDatabase {
  #name: string | null = null;
  #created = false;
  #connected = false;
  #used = false;
  #first: { readonly line: number; readonly label: string } | null = null;

  /** A statement that is not about a database: false where the one it is meant for is not there yet. */
  use(): boolean {
    this.#used = true;
    return this.#name === null || this.#connected;
  }

  /** A statement about a database; null where it is about this one. */
  statement(line: number, { label, database }: Judgement): SyncError | null {
    if (database === undefined) return null;
    // pg_dump begins with it, or says nothing about the database.
    if (this.#name === null && this.#used) return notItsOwn(line, label);
    this.#first ??= { line, label };
    this.#name ??= database.name;
    const makes = database.verb === 'CREATE DATABASE';
    if (this.#name !== database.name || (makes && this.#created)) return notItsOwn(line, label);
    const early = ['DROP DATABASE', 'UPDATE', 'CREATE DATABASE'].includes(database.verb);
    if (!early && !this.#created) return notItsOwn(line, label);
    if (makes) this.#created = true;
    return null;
  }

  /** `\connect`: whether it leads to the database the file has made. `text` is the command as written. */
  connect(text: string): boolean {
    if (!this.#created || connectedName(text) !== this.#name) return false;
    this.#connected = true;
    return true;
  }

  /** The file's end: what it said about a database that it did not create and connect to. */
  end(): SyncError | null {
    if (this.#first === null || this.#connected) return null;
    return notItsOwn(this.#first.line, this.#first.label);
  }
}

/** The name in a `\connect`, as psql reads it; null where it says more than pg_dump does. */
function connectedName(text: string): string | null {
  const careful = carefulConnect.exec(text)?.[1];
  // Inside a conninfo string within double quotes of psql.
  if (careful !== undefined) return careful.replaceAll('""', '"').replaceAll(/\\(.)/g, '$1');
  const plain = plainConnect.exec(text)?.[1];
  if (plain === undefined) return null;
  // psql folds nothing in a bare name, unlike SQL.
  return plain.startsWith('"') ? plainName(plain) : plain;
}

function notItsOwn(line: number, label: string): SyncError {
  return new SyncError(
    'STORAGE_DUMP_FOREIGN',
    `Line ${line}: ${label} is not accepted: it is not about the database that the file itself creates ` +
      'and connects to.',
    {
      details: { line, statement: label },
      hint: 'Import what pg_dump writes about one database, with or without --create.',
    },
  );
}
