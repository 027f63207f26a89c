import { SyncError } from '../../../errors/sync-error.ts';
import type { MissingRows } from './ask-references.ts';

/** TARGET_KEPT_TABLE with every foreign key that the new database could not have: how many rows, and which keys. */
export function missingRowsError(missing: readonly MissingRows[], cause?: unknown): SyncError {
  const list = missing.map(sentence);
  return new SyncError(
    'TARGET_KEPT_TABLE',
    `${missing.length} foreign key(s) would have rows that refer to nothing: ${list.join('; ')}.`,
    {
      cause,
      details: {
        foreignKeys: missing.map(({ question }) => question.foreignKey),
        rows: missing.reduce((sum, { rows }) => sum + rows, 0),
        keys: missing.flatMap(({ question, first }) => first.map((key) => `${question.referenced}: ${key}`)),
      },
      hint:
        'Change or delete those rows, or bring the rows they refer to into the other table; or leave the ' +
        'foreign key out (--leave-out, once for each, by its name). A merge can keep the rows referred to, or set ' +
        'the references to NULL, or delete the rows that refer (--mode merge, --orphans once for each foreign key).',
    },
  );
}

function sentence({ question, rows, keys, first }: MissingRows): string {
  const { table, referenced, columns, from, to, foreignKey } = question;
  const ends = new Set(from.map(({ end }) => end));
  const whose =
    ends.size > 1 ? '' : ends.has('target') ? ', which are kept,' : ', which come from the source,';
  const lacks =
    to.length === 0 ? `${referenced}, which will be empty` : `${referenced} that will not be there`;
  const of = to.length === 0 ? '' : `${keys} row(s) of `;
  const names = columns.map((column) => column.referenced).join(', ');
  const more = keys > first.length ? ' …' : '';
  const which = first.length === 0 ? '' : `, ${names} = ${first.join(', ')}${more}`;
  return `${rows} row(s) of ${table}${whose} refer to ${of}${lacks}${which} (${foreignKey})`;
}
