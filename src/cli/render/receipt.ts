import { modes } from '../../plan/modes.ts';
import { maskingSentence } from '../../masks/told.ts';
import type { MaskingTold } from '../../masks/told.ts';
import { bytesInWords, counted, countInWords, durationInWords } from '../../progress/words.ts';
import type {
  Defused,
  ChangedRows,
  DumpReceipt,
  LargeObjectsReceipt,
  Receipt,
  VerifyReceipt,
} from '../../sync/contract/receipts.ts';
import { sentenceOf } from '../../sync/contract/requests.ts';
import { undoBasis } from '../../sync/contract/undo-basis.ts';
import { painter, safe, table } from './text.ts';
import type { Paint } from './text.ts';

/** Title of a column → what it counts. */
const changedColumns: ReadonlyMap<string, keyof ChangedRows> = new Map([
  ['Inserted', 'inserted'],
  ['Updated', 'updated'],
  ['Deleted', 'deleted'],
]);

interface Options {
  readonly color: boolean;
  /**
   * How the reader calls this program, and the service that ran the job where one was named; null where nobody can
   * undo.
   */
  readonly program: { readonly name: string; readonly server: string | null } | null;
}

/** The result of a job for people: the outcome first, then what was proved, then what can be done with it. */
export function renderReceipt(receipt: Receipt | VerifyReceipt, { color, program }: Options): string {
  const paint = painter(color);
  const lines =
    receipt.type === 'verify' ? verifyLines(receipt, paint) : receiptLines(receipt, paint, program);
  return `${lines.join('\n')}\n`;
}

function receiptLines(receipt: Receipt, paint: Paint, program: Options['program']): readonly string[] {
  const { tables, collections, warnings, steps, dump, backup, schemas, leftOut } = receipt;
  const equal = tables.every((one) => one.equal);
  const merged = tables.some(({ changed }) => changed !== undefined);
  return [
    paint(equal ? 'green' : 'red', `${equal ? '✓' : '✗'} ${safe(sentenceOf(receipt))}`),
    ...facts(receipt),
    ...(dump === null ? [] : ['', ...dumpLines('Dump', dump)]),
    ...(tables.length === 0
      ? []
      : [
          '',
          ...table(
            [
              { title: 'Table' },
              { title: 'Rows', side: 'right' },
              ...(merged
                ? [...changedColumns.keys()].map((title) => ({ title, side: 'right' }) as const)
                : []),
              { title: 'From' },
              { title: 'Digest' },
              { title: 'Equal' },
            ],
            tables.map((one) => [
              one.table,
              countInWords(one.rows),
              ...(merged
                ? [...changedColumns.values()].map((of) => countInWords(one.changed?.[of] ?? 0))
                : []),
              one.content,
              one.digest?.slice(0, 16) ?? '-',
              one.equal ? 'yes' : 'NO',
            ]),
            paint,
          ),
        ]),
    ...(collections.length === 0
      ? []
      : [
          '',
          ...table(
            [
              { title: 'Alias' },
              { title: 'Collection' },
              { title: 'Documents', side: 'right' },
              { title: 'Verified' },
            ],
            collections.map((one) => [
              one.alias,
              one.collection ?? '–',
              countInWords(one.documents),
              one.verified ? (one.unchanged === true ? 'yes, unchanged' : 'yes') : 'not checked',
            ]),
            paint,
          ),
        ]),
    ...(steps.length === 0
      ? []
      : [
          '',
          `Steps         ${steps.map(({ step, seconds }) => `${step} ${durationInWords(seconds)}`).join(', ')}`,
        ]),
    ...(backup === null ? [] : dumpLines('Safety copy', backup)),
    ...(receipt.keptDatabase === null ? [] : [`Old database  ${safe(receipt.keptDatabase)}`]),
    ...((receipt.undoSchema ?? null) === null
      ? []
      : [
          receipt.mode !== null && modes[receipt.mode].undoneBy === 'kept schemas'
            ? `Old objects   kept in this database: ${safe(receipt.undoSchema ?? '')}`
            : `Kept rows     schema ${safe(receipt.undoSchema ?? '')}`,
        ]),
    ...undoLine(receipt, program),
    ...(schemas === null ? [] : [`Schema        ${safe(schemas.source)} became ${safe(schemas.target)}`]),
    ...maskingLine(receipt.masking ?? null),
    ...defusedLines(receipt.defused ?? null),
    ...leftOut.map((identity) => `Left out      ${safe(identity)}`),
    ...warnings.map((warning) => paint('yellow', `Warning       ${safe(warning)}`)),
  ];
}

function defusedLines(defused: Defused | null): readonly string[] {
  if (defused === null) return [];
  return [
    ...defused.files.map(
      ({ name, sha256 }) => `Defused by    ${safe(name)} (SHA-256 ${sha256.slice(0, 16)}…)`,
    ),
    ...defused.tables.map(
      ({ table, inserted, updated, deleted }) =>
        `              ${safe(table)}: ${[
          ...(inserted === 0 ? [] : [`${countInWords(inserted)} inserted`]),
          ...(updated === 0 ? [] : [`${countInWords(updated)} updated`]),
          ...(deleted === 0 ? [] : [`${countInWords(deleted)} deleted`]),
        ].join(', ')}`,
    ),
  ];
}

function maskingLine(masking: MaskingTold | null): readonly string[] {
  return masking === null ? [] : [`Masks         ${safe(maskingSentence(masking))}`];
}

/** From the kept database; in place from the safety copy; of a merge from the rows that it kept. */
function undoLine(receipt: Receipt, program: Options['program']): readonly string[] {
  const { by } = undoBasis(receipt);
  if (program === null || by === 'nothing' || by === 'search') return [];
  const { jobId, target } = receipt;
  const server = program.server === null ? '' : ` --server ${program.server}`;
  return [`Undo          ${program.name} rollback ${jobId} --confirm ${target ?? ''}${server}`];
}

function facts(receipt: Receipt): string[] {
  const { jobId, seconds, mode, modeReason, tables, sequences, objects } = receipt;
  // Receipts of earlier versions say nothing of them.
  const largeObjects = receipt.largeObjects ?? null;
  return [
    `Job           ${jobId}, ${durationInWords(seconds)}`,
    ...(mode === null ? [] : [`Mode          ${mode}${modeReason === null ? '' : ` (${safe(modeReason)})`}`]),
    ...(tables.length === 0
      ? []
      : [
          `Proved        ${counted(tables.length, 'table')}, ${counted(sequences, 'sequence')}, ${counted(objects, 'object')}`,
        ]),
    ...(largeObjects === null ? [] : [`Large objects ${largeObjectWords(largeObjects)}`]),
  ];
}

function largeObjectWords({ objects, bytes, content }: LargeObjectsReceipt): string {
  if (content === 'empty') return 'none, as the policy says';
  return `${countInWords(objects)}, ${bytesInWords(bytes)}${content === 'kept' ? ', kept' : ''}`;
}

function dumpLines(title: string, { dumpId, file, rows, bytes, sha256, tables }: DumpReceipt): string[] {
  return [
    `${title.padEnd(14)}${safe(file)}`,
    `              id ${dumpId}, ${counted(tables, 'table')}, ${counted(rows, 'row')}, ${bytesInWords(bytes)}`,
    `              sha256 ${sha256}`,
  ];
}

function verifyLines(receipt: VerifyReceipt, paint: Paint): readonly string[] {
  const { equal, left, right, search = false, tables, differences, notCompared, seconds } = receipt;
  const shown = (value: number | null): string => (value === null ? '-' : countInWords(value));
  const different = tables.filter((one) => !one.equal);
  return [
    paint(equal ? 'green' : 'red', `${equal ? '✓' : '✗'} ${safe(sentenceOf(receipt))}`),
    `Compared ${counted(tables.length, search ? 'collection' : 'table')} in ${durationInWords(seconds)}.`,
    ...(tables.length === 0
      ? []
      : [
          '',
          ...table(
            [
              { title: search ? 'Collection' : 'Table' },
              { title: left, side: 'right' },
              { title: right, side: 'right' },
              { title: 'Equal' },
            ],
            tables.map((one) => [
              one.table,
              shown(one.leftRows),
              shown(one.rightRows),
              one.equal ? 'yes' : 'NO',
            ]),
            paint,
          ),
        ]),
    ...different
      .filter(({ differingKeys }) => differingKeys.length > 0)
      .map(
        ({ table: name, differingKeys }) =>
          `${search ? 'Documents' : 'Rows'} that differ in ${safe(name)}: ${differingKeys.map(safe).join(', ')}`,
      ),
    ...differences.map(({ name, difference }) => `${safe(name)}: ${safe(inWords(difference, left, right))}`),
    ...notCompared.map((what) => `Not compared  ${safe(what)}`),
  ];
}

/** The comparison speaks of left and right; people know the names. */
function inWords(difference: string, left: string, right: string): string {
  if (difference === 'is missing') return `is not in ${right}`;
  if (difference === 'is too many') return `is not in ${left}`;
  return difference.replaceAll('on the left', `in ${left}`).replaceAll('on the right', `in ${right}`);
}
