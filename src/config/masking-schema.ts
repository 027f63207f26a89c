import { z } from 'zod';
import { maskNames } from '../environments/masking.ts';

const expects = `must be one of ${maskNames.join(', ')}, or { fixed: … }, or { sql: … }`;
const expression = z.string(expects).trim().min(1, expects);

/** A column's rule as a file writes it: `email`, `null`, `{ fixed: x }`, `{ sql: left(zip, 2) }`. */
export const maskRuleSchema = z.union(
  [
    z.null(),
    z.enum(maskNames),
    z.strictObject({ fixed: z.union([z.string(), z.number(), z.boolean()]) }),
    z.strictObject({ sql: expression }),
  ],
  expects,
);

const condition = 'must be a condition, or { sql: …, pointing: refuse or follow }';

/** Which rows of a table are read, as a file writes it. */
export const rowFilterSchema = z.union(
  [
    z.string().trim().min(1, condition),
    z.strictObject({
      sql: z.string().trim().min(1, condition),
      pointing: z.enum(['refuse', 'follow']).optional(),
    }),
  ],
  condition,
);
