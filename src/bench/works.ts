import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { exitCodes } from '../errors/outcome.ts';
import type { Command } from './measure.ts';

/** What there is to compare for one data set. */
export interface Places {
  /** Holds the files of all. */
  readonly directory: string;
  /** Holds pg_dump, pg_restore and psql of the server's version; null where they are not to be compared with. */
  readonly tools: string | null;
  readonly pgcopydb: string | null;
  readonly source: string;
  readonly target: string;
  readonly env: Readonly<Record<string, string>>;
}

export interface Contender {
  readonly name: string;
  /** `floor`: a part of the work, which nobody does faster. */
  readonly who: 'ours' | 'peer' | 'floor';
  readonly command: Command;
}

export interface Work {
  readonly name: string;
  /** What the target is before each run: empty, the schema alone, schema and rows, or the old state. */
  readonly target: 'empty' | 'none' | 'old' | 'schema' | 'loaded';
  readonly contenders: readonly Contender[];
}

/** Of what databases targets are made. */
export const templates: Readonly<Record<Exclude<Work['target'], 'none'>, string>> = {
  empty: 'template0',
  old: 'bench_old',
  schema: 'bench_schema',
  loaded: 'bench_loaded',
};

const bin = fileURLToPath(new URL('../cli/bin.js', import.meta.url));

/** Files that one run leaves for others to read; `scratch` is a folder that each finds empty. */
export function filesIn(
  directory: string,
): Readonly<Record<'ours' | 'plain' | 'folder' | 'scratch', string>> {
  return {
    ours: join(directory, 'ours.sql'),
    plain: join(directory, 'pg_dump.sql'),
    folder: join(directory, 'pg_dump.folder'),
    scratch: join(directory, 'scratch'),
  };
}

/** Our command line. */
export function ourCommand(...args: readonly string[]): Command['pipe'] {
  return [[process.execPath, bin, ...args, '--json']];
}

export function worksOf(places: Places): readonly Work[] {
  return [exports(places), ...imports(places), ...syncs(places), looks(places)];
}

function exports({ tools, env, directory, source }: Places): Work {
  const scratch = join(filesIn(directory).scratch, 'dump.sql');
  const peer = theirs('peer', tools, env);
  return {
    name: 'export',
    target: 'none',
    contenders: [
      ours(env, 'export', 'export', 'source', '--output', scratch, '--compress', 'none'),
      ours(env, 'export, gzip', 'export', 'source', '--output', `${scratch}.gz`, '--compress', 'gzip'),
      ...peer('pg_dump -Fp', ['pg_dump', '-Fp', '-f', scratch, source]),
      ...peer('pg_dump -Z gzip:1', ['pg_dump', '-Fp', '-Z', 'gzip:1', '-f', scratch, source]),
      ...theirs('floor', tools, env)('pg_dump to nowhere', ['pg_dump', '-Fp', '-f', '/dev/null', source]),
    ],
  };
}

function imports({ tools, env, directory, target }: Places): readonly Work[] {
  const file = filesIn(directory);
  const [peer, floor] = [theirs('peer', tools, env), theirs('floor', tools, env)];
  const restore = ['pg_restore', '-d', target] as const;
  return [
    {
      name: 'import',
      target: 'empty',
      contenders: [
        ours(env, 'import', 'import', file.ours, 'target', '--confirm', 'target', '--no-search'),
        ...peer('psql -f', ['psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', file.plain, target]),
        ...peer('pg_restore -j2', [...restore, '-j2', file.folder]),
      ],
    },
    {
      name: 'rows alone',
      target: 'schema',
      contenders: floor('pg_restore --section=data', [...restore, '--section=data', file.folder]),
    },
    {
      name: 'indexes and keys alone',
      target: 'loaded',
      contenders: floor('pg_restore --section=post-data', [...restore, '--section=post-data', file.folder]),
    },
  ];
}

function syncs(places: Places): readonly Work[] {
  const { tools, env, directory, source, target } = places;
  const sync = ['sync', 'source', 'target', '--confirm', 'target', '--no-search'] as const;
  const replace = [...sync, '--mode', 'replace', '--backup'] as const;
  const psql = ['psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', target] as const;
  return [
    {
      name: 'sync over an old state',
      target: 'old',
      contenders: [
        ours(env, 'sync, safety copy', ...replace, 'file'),
        ours(env, 'sync, old state kept', ...replace, 'kept'),
        ours(env, 'sync in place', ...sync, '--mode', 'in-place'),
      ],
    },
    {
      name: 'copy into an empty database',
      target: 'empty',
      contenders: [
        ours(env, 'sync', ...sync),
        ...theirs('peer', tools, env)('pg_dump | psql', ['pg_dump', source], psql),
        ...(places.pgcopydb === null ? [] : [pgcopydb(places.pgcopydb, places, join(directory, 'pgcopydb'))]),
      ],
    },
  ];
}

function looks({ tools, env, source }: Places): Work {
  return {
    name: 'look',
    target: 'old',
    contenders: [
      ours(env, 'plan', 'plan', 'source', 'target', '--no-search'),
      ours(env, 'plan --estimate', 'plan', 'source', 'target', '--no-search', '--estimate'),
      // An old state is another one.
      ours(env, 'verify', 'verify', 'source', 'target'),
      ...theirs('peer', tools, env)('pg_dump -s', ['pg_dump', '-s', '-f', '/dev/null', source]),
    ],
  };
}

function ours(env: Places['env'], name: string, ...args: readonly string[]): Contender {
  const isVerify = args[0] === 'verify';
  return {
    name,
    who: 'ours',
    command: { pipe: ourCommand(...args), env, ...(isVerify ? { mayEndWith: exitCodes.mismatch } : {}) },
  };
}

/** Nothing without the tools. */
function theirs(
  who: 'peer' | 'floor',
  tools: Places['tools'],
  env: Places['env'],
): (name: string, ...pipe: readonly (readonly [string, ...string[]])[]) => readonly Contender[] {
  return (name, ...pipe) => {
    if (tools === null) return [];
    const programs = pipe.map(([first, ...rest]) => [join(tools, first), ...rest] as const);
    return [{ name, who, command: { pipe: programs, env } }];
  };
}

function pgcopydb(program: string, { source, target, env }: Places, directory: string): Contender {
  const clone = ['clone', '--source', source, '--target', target, '--dir', directory, '--restart'];
  return {
    name: 'pgcopydb clone',
    who: 'peer',
    command: { pipe: [[program, ...clone, '--table-jobs', '2', '--index-jobs', '2']], env },
  };
}
