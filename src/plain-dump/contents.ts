import { SyncError } from '../errors/sync-error.ts';
import type { Judgement } from './rules/judgement.ts';

/** Objects that pg_dump writes after the rows. */
const late = new Set(['INDEX', 'TRIGGER', 'RULE', 'POLICY', 'STATISTICS']);
/** Objects that these can be made on. */
const carriers = new Set(['TABLE', 'FOREIGN TABLE', 'VIEW', 'MATERIALIZED VIEW', 'EXTENSION']);

/**
 * Which parts of a database a file holds, told from its statements: a file says nowhere with which options it was
 * written.
 */
export class Contents {
  #tables = 0;
  #carriers = 0;
  #creations = 0;
  #late = 0;
  #valuesFor: string | null = null;
  #firstLate: string | null = null;
  #hasRows = false;
  #hasStatistics = false;

  statement({ label, creates, table }: Judgement): void {
    if (creates !== undefined) {
      this.#creations += 1;
      if (creates.type === 'TABLE') this.#tables += 1;
      if (carriers.has(creates.type)) this.#carriers += 1;
    }
    if (table !== undefined) this.#hasRows = true;
    if (label.startsWith('SELECT pg_catalog.pg_restore_')) this.#hasStatistics = true;
    if (table !== undefined || label === 'SELECT pg_catalog.setval') this.#valuesFor ??= label;
    if ((creates !== undefined && late.has(creates.type)) || label.includes(' ADD CONSTRAINT ')) {
      this.#late += 1;
      this.#firstLate ??= label;
    }
  }

  /**
   * Throws STORAGE_DUMP_INCOMPLETE for a file that is a part of a database only (`--data-only`, `--statistics-only`,
   * `--section`), which there is nothing to import into: a database is made from the file alone. Returns what people
   * should know of the rest.
   */
  end(): readonly string[] {
    if (this.#valuesFor !== null && this.#creations === 0) {
      throw partOnly(
        `it holds rows (${this.#valuesFor}) and creates no table`,
        '--data-only or --section=data',
      );
    }
    if (this.#hasStatistics && this.#creations === 0)
      throw partOnly('it holds statistics and creates no table', '--statistics-only');
    if (this.#firstLate !== null && this.#carriers === 0) {
      throw partOnly(`it holds ${this.#firstLate} and creates no table`, '--section=post-data');
    }
    if (this.#tables === 0) return [];
    if (!this.#hasRows && this.#late === 0) {
      throw partOnly(
        `it creates ${this.#tables} table(s) and holds neither rows nor keys, indexes or triggers`,
        '--section=pre-data',
      );
    }
    if (!this.#hasRows) {
      return [
        'The dump holds no rows (--schema-only): the tables will be empty, except for those that the policy keeps.',
      ];
    }
    return this.#late > 0
      ? []
      : ['The dump holds no key, index, constraint or trigger. Was --section=post-data left out?'];
  }
}

function partOnly(fact: string, options: string): SyncError {
  return new SyncError(
    'STORAGE_DUMP_INCOMPLETE',
    `The file is only a part of a dump: ${fact}, as pg_dump writes with ${options}.`,
    { hint: 'Import a whole dump: pg_dump without --data-only, --statistics-only and --section.' },
  );
}
