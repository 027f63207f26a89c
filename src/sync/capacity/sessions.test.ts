import { describe, expect, it } from 'vitest';
import { SyncError } from '../../errors/sync-error.ts';
import { sessionsOfReading, sessionsOfReplacing } from './sessions-needed.ts';
import { judgeSessions } from './sessions.ts';
import type { SessionLimit, SessionsInput } from './sessions.ts';

const server = (limit: number, used = 0): SessionLimit => ({
  what: 'the server',
  limit,
  used,
  inDatabase: false,
});
const database = (limit: number, used = 0): SessionLimit => ({
  what: 'the database',
  limit,
  used,
  inDatabase: true,
});
const input = (workers: number, connectionLimit: number | null = null): SessionsInput => ({
  name: 'dst',
  side: 'target',
  needed: sessionsOfReplacing(workers, { copies: true }),
  workers,
  connectionLimit,
});

function refusal(limits: readonly SessionLimit[], workers: number): readonly [string, string, string] {
  try {
    judgeSessions(limits, input(workers));
  } catch (error) {
    if (error instanceof SyncError) return [error.code, error.message, error.hint];
    throw error;
  }
  throw new Error('not refused');
}

describe('sessions of a run', () => {
  it('are enough where every limit has them', () => {
    expect(judgeSessions([server(8), database(7)], input(4))).toEqual([]);
    expect(sessionsOfReading(1)).toEqual({ all: 3, inDatabase: 3 });
    // The new database is under no limit while it is filled.
    expect(sessionsOfReplacing(4, { copies: false })).toEqual({ all: 8, inDatabase: 2 });
  });

  it('are refused by name, with the workers that would fit', () => {
    expect(refusal([server(100), database(6)], 4)).toEqual([
      'TARGET_SESSIONS_LIMIT',
      'A run with 4 worker(s) opens 8 sessions on "dst"; the database allows 6.',
      'Raise the limit named, or use fewer workers (SYNC_WORKERS=3).',
    ]);
    expect(refusal([server(6), database(6)], 4)[2]).toContain('SYNC_WORKERS=2');
    expect(refusal([database(3)], 4)[2]).toBe('Raise the limit named.');
    expect(refusal([database(0)], 1)[1]).toContain('the database allows 0');
  });

  it('that others have at the moment are told, and so is what the address says', () => {
    expect(judgeSessions([server(100, 93), database(20, 13)], input(4))).toEqual([
      'A run opens 8 sessions on "dst"; the server allows 100, and others use 93 of them at the moment.',
    ]);
    expect(judgeSessions([server(100)], input(4, 5)).join()).toContain('connection_limit=5');
    expect(judgeSessions([server(100)], input(4, 8))).toEqual([]);
  });
});
