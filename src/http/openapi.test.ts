import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import type { DumpSummary } from '../dump/store.ts';
import { errorCatalogue } from '../errors/catalogue.ts';
import type { JobLogLine } from '../jobs/job-log-lines.ts';
import type { JobView } from '../jobs/job-view.ts';
import type { ProgressSnapshot } from '../progress/progress.ts';
import type { Plan } from '../sync/contract/plan.ts';
import type { Receipt, VerifyReceipt } from '../sync/contract/receipts.ts';
import type { KeptDetails } from '../sync/verbs/kept-states.ts';
import type { EnvironmentTest } from '../sync/verbs/test-environment.ts';
import { openApiDocument } from './openapi.ts';
import { routes } from './routes.ts';
import type { receiptSchema, verifyReceiptSchema } from './receipt-schemas.ts';
import type { environmentTestSchema, keptDetailsSchema } from './schemas.ts';
import type { dumpSchema, jobSchema, logLineSchema, planSchema, progressSchema } from './schemas.ts';

type Mutable<T> = T extends readonly (infer Item)[]
  ? Mutable<Item>[]
  : T extends object
    ? { -readonly [Key in keyof T]: Mutable<T[Key]> }
    : T;

/** Compiles only while every value of the type fits the schema that shows it. */
type Fits<Schema extends z.ZodType, Type extends z.infer<Schema>> = Type;
export type SchemasShowTheirTypes = [
  Fits<typeof progressSchema, Mutable<ProgressSnapshot>>,
  Fits<typeof planSchema, Mutable<Plan>>,
  Fits<typeof dumpSchema, Mutable<DumpSummary>>,
  Fits<typeof logLineSchema, Mutable<JobLogLine>>,
  Fits<typeof receiptSchema, Mutable<Receipt>>,
  Fits<typeof verifyReceiptSchema, Mutable<VerifyReceipt>>,
  Fits<typeof environmentTestSchema, Mutable<EnvironmentTest>>,
  Fits<typeof keptDetailsSchema, Mutable<KeptDetails>>,
  Fits<typeof jobSchema, Mutable<JobView>>,
];

const document = openApiDocument(routes, '1.2.3') as {
  openapi: string;
  paths: Record<
    string,
    Record<string, { operationId: string; parameters: { name: string; in: string; required: boolean }[] }>
  >;
  components: { schemas: Record<string, unknown> };
  'x-errors': { code: string }[];
};

describe('openApiDocument', () => {
  it('lists every route and nothing else', () => {
    const listed = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
    expect(listed.sort()).toEqual(routes.map(({ method, path }) => `${method} ${path}`).sort());
    expect(document.openapi).toBe('3.1.0');
  });

  it('names each operation once', () => {
    const ids = Object.values(document.paths).flatMap((methods) =>
      Object.values(methods).map(({ operationId }) => operationId),
    );
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('declares each parameter of a path', () => {
    for (const [path, methods] of Object.entries(document.paths)) {
      const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      for (const { parameters } of Object.values(methods)) {
        const declared = parameters
          .filter((one) => one.in === 'path' && one.required)
          .map(({ name }) => name);
        expect(declared).toEqual(names);
      }
    }
  });

  it('has a component for every reference, and no leftover of JSON Schema’s own definitions', () => {
    const text = JSON.stringify(document);
    for (const [, name] of text.matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
      expect(Object.keys(document.components.schemas)).toContain(name);
    }
    expect(Object.keys(document.components.schemas)).toEqual(
      expect.arrayContaining(['Job', 'Progress', 'Problem', 'Environment', 'Dump']),
    );
    expect(text).not.toContain('$defs');
    expect(text).not.toContain('$schema');
    // A generated client would leave such a field out of its requests.
    expect(text).not.toContain('readOnly');
  });

  it('lists every error code', () => {
    expect(document['x-errors'].map(({ code }) => code)).toEqual(Object.keys(errorCatalogue));
  });
});
