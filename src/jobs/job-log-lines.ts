import { z } from 'zod';
import type { LogLevel } from '../progress/progress.ts';

export interface JobLogLine {
  readonly at: number;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: Readonly<Record<string, string | number | boolean | null>>;
}

const lineSchema = z.object({
  at: z.number(),
  level: z.enum(['info', 'warn', 'error']),
  message: z.string(),
  fields: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
});

/** Only our worker writes lines; another program's text would not be JSON of this shape. */
export function readLogLine(row: string): JobLogLine {
  let line: unknown = null;
  try {
    line = JSON.parse(row);
  } catch {
    // Not ours: shown as a line without time below.
  }
  const parsed = lineSchema.safeParse(line);
  return parsed.success ? parsed.data : { at: 0, level: 'info', message: row, fields: {} };
}
