import { describe, expect, it } from 'vitest';
import type { DumpReceipt, Receipt, VerifyReceipt } from '../../sync/contract/receipts.ts';
import { renderReceipt } from './receipt.ts';

const program = { name: 'npx multiboard-sync', server: null };

const dump: DumpReceipt = {
  dumpId: '20261122t101532-export',
  file: '/data/dumps/20261122t101532-export.sql',
  manifest: '/data/dumps/20261122t101532-export.sql.manifest.json',
  tables: 2,
  rows: 5004,
  bytes: 1_234_567,
  sha256: 'ab'.repeat(32),
  seconds: 1.5,
};

const sync: Receipt = {
  type: 'receipt',
  jobId: '20261122t101532-sync-0eab12',
  kind: 'sync',
  source: 'staging',
  target: 'production',
  mode: 'replace',
  modeReason: 'the role may create databases',
  startedAt: 0,
  finishedAt: 12_300,
  seconds: 12.3,
  rows: 5004,
  tables: [
    {
      table: 'public.Part',
      rows: 5000,
      content: 'source',
      digest: '0123456789abcdef0123456789abcdef',
      equal: true,
    },
    {
      table: 'public.List',
      rows: 4,
      content: 'kept',
      digest: 'fedcba9876543210fedcba9876543210',
      equal: true,
    },
    { table: 'public.Result', rows: 0, content: 'empty', digest: null, equal: true },
  ],
  sequences: 3,
  largeObjects: { objects: 1200, bytes: 3_400_000, content: 'source', digest: 'aa', equal: true },
  objects: 120,
  schemas: null,
  leftOut: [],
  stayed: [],
  dump: null,
  backup: dump,
  keptDatabase: 'app_before_20261122',
  collections: [
    {
      alias: 'parts',
      collection: 'parts__20261122101540_0eab12',
      previous: null,
      documents: 5000,
      verified: true,
      seconds: 2,
    },
  ],
  steps: [
    { step: 'Read the source', seconds: 1.5 },
    { step: 'Load rows', seconds: 65 },
  ],
  warnings: ['_prisma_migrations differs'],
};

describe('renderReceipt', () => {
  it('tells a sync', () => {
    expect(renderReceipt(sync, { color: false, program })).toMatchSnapshot();
  });

  it('tells an export', () => {
    const receipt: Receipt = {
      ...sync,
      kind: 'export',
      target: null,
      mode: null,
      modeReason: null,
      tables: [],
      dump,
      backup: null,
      keptDatabase: null,
      collections: [],
      largeObjects: null,
      warnings: [],
    };
    expect(renderReceipt(receipt, { color: false, program })).toMatchSnapshot();
  });

  it.each([
    ['kept', 'Large objects 1,200, 3.4 MB, kept'],
    ['empty', 'Large objects none, as the policy says'],
  ] as const)('says of large objects that they are %s', (content, line) => {
    const largeObjects = { objects: 1200, bytes: 3_400_000, content, digest: null, equal: true };
    expect(renderReceipt({ ...sync, largeObjects }, { color: false, program })).toContain(`${line}\n`);
  });

  it('names what differs, keys and no values', () => {
    const receipt: VerifyReceipt = {
      type: 'verify',
      notCompared: ['rows of table public."Profile": the policy is preserve'],
      equal: false,
      left: 'staging',
      right: 'production',
      tables: [
        {
          table: 'public.Part',
          equal: false,
          leftRows: 5000,
          rightRows: 4999,
          leftDigest: 'aa',
          rightDigest: 'bb',
          differingKeys: ['17'],
        },
        {
          table: 'public.New',
          equal: false,
          leftRows: 1,
          rightRows: null,
          leftDigest: 'aa',
          rightDigest: null,
          differingKeys: [],
        },
      ],
      differences: [{ kind: 'object', name: 'index public.a', difference: 'is missing' }],
      seconds: 2,
    };
    expect(renderReceipt(receipt, { color: false, program })).toMatchSnapshot();
    const equal = { ...receipt, equal: true, tables: [], differences: [] };
    const first = (notCompared: readonly string[]): string | undefined =>
      renderReceipt({ ...equal, notCompared }, { color: true, program }).split('\n')[0];
    expect(first([])).toBe('\u001B[32m✓ staging equals production.\u001B[0m');
    expect(first(['rows of public.List'])).toContain(
      '✓ staging equals production in everything that was compared;',
    );
  });

  it('says how to undo where that is possible, as the reader calls the program', () => {
    const undo = (
      receipt: Receipt,
      other: typeof program | null | { name: string; server: string } = program,
    ) =>
      renderReceipt(receipt, { color: false, program: other })
        .split('\n')
        .filter((line) => line.startsWith('Undo'));
    expect(undo(sync)).toEqual([
      `Undo          npx multiboard-sync rollback ${sync.jobId} --confirm production`,
    ]);
    const inPlace: Receipt = { ...sync, mode: 'in-place', keptDatabase: null, backup: dump };
    expect(undo(inPlace, { name: 'multiboard-sync', server: 'http://127.0.0.1:8090' })).toEqual([
      `Undo          multiboard-sync rollback ${sync.jobId} --confirm production --server http://127.0.0.1:8090`,
    ]);
    expect([undo({ ...inPlace, backup: null }), undo(sync, null)]).toEqual([[], []]);
  });
});
