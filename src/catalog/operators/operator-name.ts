import { quoteIdentifier } from '../../postgres/identifiers.ts';
import type { NamePair } from '../name-pair.ts';

/** `"public".===`: the name itself is never quoted, as it consists of signs only. */
export function qualifiedOperator([schema, name]: NamePair): string {
  return `${quoteIdentifier(schema)}.${name}`;
}

/** `(integer, text)`; NONE where an operand is missing. */
export function operandTypes(left: string | null, right: string | null): string {
  return `(${left ?? 'NONE'}, ${right ?? 'NONE'})`;
}
