import { qualifiedName, quoteIdentifier, quoteLiteral } from '../../postgres/identifiers.ts';
import { quotePair } from '../name-pair.ts';
import type { NamePair } from '../name-pair.ts';
import type { AggregateRow } from './aggregate-row.ts';

const modifies = { r: 'READ_ONLY', s: 'SHAREABLE', w: 'READ_WRITE' } as const;
const parallels = { s: 'PARALLEL = SAFE', r: 'PARALLEL = RESTRICTED', u: null } as const;

/** The statement that makes an aggregate. */
export function aggregateDefinition(row: AggregateRow): string {
  const lines = [
    named('SFUNC', row.stateFunction),
    `STYPE = ${row.stateType}`,
    row.stateSpace === 0 ? null : `SSPACE = ${row.stateSpace}`,
    text('INITCOND', row.initial),
    named('FINALFUNC', row.finalFunction),
    row.finalExtra ? 'FINALFUNC_EXTRA' : null,
    modify('FINALFUNC_MODIFY', row.finalModify, row),
    named('COMBINEFUNC', row.combineFunction),
    named('SERIALFUNC', row.serialFunction),
    named('DESERIALFUNC', row.deserialFunction),
    ...moving(row),
    row.sortSchema === null || row.sortOperator === null
      ? null
      : `SORTOP = OPERATOR(${quoteIdentifier(row.sortSchema)}.${row.sortOperator})`,
    row.kind === 'h' ? 'HYPOTHETICAL' : null,
    parallels[row.parallel],
  ].filter((line) => line !== null);
  const name = `${qualifiedName(row.schema, row.name)}(${row.arguments === '' ? '*' : row.arguments})`;
  return `CREATE AGGREGATE ${name} (\n  ${lines.join(',\n  ')}\n);`;
}

function moving(row: AggregateRow): (string | null)[] {
  if (row.movingStateFunction === null) return [];
  return [
    named('MSFUNC', row.movingStateFunction),
    named('MINVFUNC', row.movingInverseFunction),
    `MSTYPE = ${row.movingStateType ?? ''}`,
    row.movingStateSpace === 0 ? null : `MSSPACE = ${row.movingStateSpace}`,
    text('MINITCOND', row.movingInitial),
    named('MFINALFUNC', row.movingFinalFunction),
    row.movingFinalExtra ? 'MFINALFUNC_EXTRA' : null,
    modify('MFINALFUNC_MODIFY', row.movingFinalModify, row),
  ];
}

function named(option: string, name: NamePair | null): string | null {
  return name === null ? null : `${option} = ${quotePair(name)}`;
}

function text(option: string, value: string | null): string | null {
  return value === null ? null : `${option} = ${quoteLiteral(value)}`;
}

/** Plain aggregates are assumed not to change their state at the end, the others to do so. */
function modify(option: string, value: AggregateRow['finalModify'], { kind }: AggregateRow): string | null {
  return value === (kind === 'n' ? 'r' : 'w') ? null : `${option} = ${modifies[value]}`;
}
