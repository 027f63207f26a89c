import { describe, expect, it } from 'vitest';
import { asCommand } from './as-command.ts';

describe('asCommand', () => {
  it('writes what was asked for as words of a shell, each option once', () => {
    expect(
      asCommand({
        kind: 'sync',
        input: {
          source: 'production',
          target: 'staging',
          confirm: 'staging',
          mode: 'merge',
          search: false,
          owners: false,
          leaveOut: ['event trigger', "it's"],
          roles: { app: 'dev' },
          orphans: { 'public.List fk': 'keepParent' },
          unmasked: true,
        },
      }),
    ).toBe(
      'multiboard-sync sync production staging --confirm staging --mode merge --no-search --no-owner ' +
        `--leave-out 'event trigger' --leave-out 'it'\\''s' --map-role app=dev --unmasked --orphans 'public.List fk=keepParent'`,
    );
  });

  it('knows every kind', () => {
    expect(asCommand({ kind: 'export', input: { environment: 'a', compression: 'gzip', workers: 2 } })).toBe(
      'multiboard-sync export a --compress gzip --workers 2',
    );
    expect(asCommand({ kind: 'import', input: { dump: { id: 'd1' }, target: 'b', confirm: 'b' } })).toBe(
      'multiboard-sync import d1 b --confirm b',
    );
    expect(asCommand({ kind: 'typesense', input: { environment: 'b', collections: ['parts'] } })).toBe(
      'multiboard-sync typesense b parts',
    );
    expect(asCommand({ kind: 'rollback', input: { jobId: 'j1', confirm: 'b', passOver: true } })).toBe(
      'multiboard-sync rollback j1 --confirm b --pass-over',
    );
    expect(asCommand({ kind: 'verify', input: { left: 'a', right: 'b' } })).toBe(
      'multiboard-sync verify a b',
    );
    expect(asCommand({ kind: 'verify', input: { left: 'a', right: 'a', search: true } })).toBe(
      'multiboard-sync verify a --search',
    );
  });
});
