import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import type { Config } from '../config/config.ts';
import { SyncError } from '../errors/sync-error.ts';
import { isPossibleEntry } from '../plan/leave-out.ts';
import { modeNames } from '../plan/modes.ts';
import { isForeignKeyName, orphanPolicies } from '../plan/orphans.ts';
import type { OrphanPolicies } from '../plan/orphans.ts';
import type { BackupChoice, Compression, ImportMode, SyncInput } from '../sync/contract/inputs.ts';
import type { Context } from './context.ts';
import { canAsk, prompt } from './prompt.ts';

/** Options that several commands share, so that they read the same everywhere. */
export const workersOption = (): Option =>
  new Option('--workers <n>', 'connections that read or write in parallel (1 to 16)').argParser((text) => {
    const workers = /^\d+$/.test(text) ? Number(text) : 0;
    if (workers < 1 || workers > 16)
      throw new InvalidArgumentError('It must be a whole number from 1 to 16.');
    return workers;
  });

export const compressOption = (): Option =>
  new Option('--compress <method>', 'compression of the dump').choices(['none', 'gzip']);

const modeOption = (): Option =>
  new Option('--mode <mode>', 'how the target is replaced').choices(['auto', ...modeNames]);

const backupOption = (): Option =>
  new Option(
    '--backup <what>',
    'file: a dump of the target and its kept database; kept: the kept database alone',
  ).choices(['file', 'kept']);

export const confirmOption = (what: string): Option =>
  new Option('--confirm <target>', `${what}; a terminal asks for it if it is missing`);

const noOwnerOption = (): Option =>
  new Option('--no-owner', 'do not set owners; everything belongs to the target’s role');
const noPrivilegesOption = (): Option => new Option('--no-privileges', 'leave out grants');

export const leaveOutOption = (): Option =>
  new Option(
    '--leave-out <object>',
    'leave out a kind of object, one object by the name that a plan shows, or "missing": all that needs what the ' +
      'target lacks; may be repeated',
  ).argParser((text: string, before: readonly string[] | undefined) => {
    if (!isPossibleEntry(text))
      throw new InvalidArgumentError(
        'It must be a kind of object, a kind and a name as a plan shows it, or "missing".',
      );
    return [...(before ?? []), text];
  });

export const schemaOption = (): Option =>
  new Option(
    '--schema <name>',
    'a schema that it is about, as the source calls it; may be repeated; "*" for the whole database',
  ).argParser((text: string, before: readonly string[] | undefined) => [...(before ?? []), text]);

export const unmaskedOption = (): Option =>
  new Option('--unmasked', 'read rows as they are, without the source’s masks and filters');

export const untriedServersOption = (): Option =>
  new Option(
    '--untried-servers',
    'use servers of major versions that this release was never tried on, at your own risk',
  );

const ignoreMigrationsOption = (): Option =>
  new Option(
    '--ignore-migrations',
    'replace the schema even if the target’s table of migrations does not match',
  );

export const mapRoleOption = (): Option =>
  new Option(
    '--map-role <source=target>',
    'use a role of the target in place of one of the source; may be repeated',
  ).argParser((text: string, before: Readonly<Record<string, string>> | undefined) => {
    const [, source, target] = /^([^=]+)=(.+)$/s.exec(text) ?? [];
    if (source === undefined || target === undefined)
      throw new InvalidArgumentError('It must be <role of the source>=<role of the target>.');
    return { ...before, [source]: target };
  });

const orphansOption = (): Option =>
  new Option(
    '--orphans <foreign key=policy>',
    'of a merge: what becomes of kept rows whose parent goes, by a foreign key as a plan shows it ' +
      `(${orphanPolicies.join(', ')}); may be repeated`,
  ).argParser((text: string, before: OrphanPolicies | undefined) => {
    const [, name = '', said] = /^(.+)=([^=]+)$/s.exec(text) ?? [];
    const policy = orphanPolicies.find((one) => one === said);
    if (policy === undefined || !isForeignKeyName(name))
      throw new InvalidArgumentError(
        `It must be <foreign key as a plan shows it>=<policy>, and the policy one of ${orphanPolicies.join(', ')}.`,
      );
    return { ...before, [name]: policy };
  });

export const detachOption = (): Option =>
  new Option('--detach', 'leave the job to the service, and end as soon as it is queued');

/** What commander makes of them. More than ten fields: one for each flag that several commands share. */
export interface SharedOptions {
  readonly workers?: number | undefined;
  readonly compress?: Compression | undefined;
  readonly mode?: ImportMode | undefined;
  readonly backup?: BackupChoice | undefined;
  readonly confirm?: string | undefined;
  /** False with --no-owner; true when not said, which then means what the configuration says. */
  readonly owner: boolean;
  readonly privileges: boolean;
  readonly leaveOut?: readonly string[] | undefined;
  readonly mapRole?: Readonly<Record<string, string>> | undefined;
  readonly untriedServers?: boolean | undefined;
  readonly ignoreMigrations?: boolean | undefined;
  readonly orphans?: OrphanPolicies | undefined;
  readonly detach?: boolean | undefined;
}

/** What a command offers that replaces a target, or says what would be replaced. */
export function addReplacingOptions(command: Command): Command {
  return command
    .addOption(modeOption())
    .addOption(backupOption())
    .option('--no-search', 'leave the search as it is')
    .addOption(noOwnerOption())
    .addOption(noPrivilegesOption())
    .addOption(leaveOutOption())
    .addOption(mapRoleOption())
    .addOption(untriedServersOption())
    .addOption(ignoreMigrationsOption())
    .addOption(orphansOption());
}

/** More than ten fields: the shared flags, and its own. */
export interface ReplacingOptions extends SharedOptions {
  /** False with --no-search. */
  readonly search: boolean;
}

/** The same as a request has it: what is not said is left to the configuration. */
export function replacing(options: ReplacingOptions): Omit<SyncInput, 'source' | 'target' | 'confirm'> {
  const { mode, backup, search, owner, privileges, ignoreMigrations, orphans } = options;
  return {
    ...(mode === undefined ? {} : { mode }),
    ...(backup === undefined ? {} : { backup }),
    ...(search ? {} : { search: false }),
    // They can only turn something off.
    ...(owner ? {} : { owners: false }),
    ...(privileges ? {} : { privileges: false }),
    ...exceptions(options),
    ...untried(options),
    ...(ignoreMigrations === undefined ? {} : { ignoreMigrations }),
    ...(orphans === undefined ? {} : { orphans }),
  };
}

export function untried({ untriedServers }: Pick<SharedOptions, 'untriedServers'>): {
  readonly untriedServers?: boolean;
} {
  return untriedServers === undefined ? {} : { untriedServers };
}

export interface LimitOptions {
  readonly schema?: readonly string[] | undefined;
  readonly unmasked?: boolean | undefined;
}

/** What of a source is read, and how; what is not said is left to the configuration. */
export function limits({ schema, unmasked }: LimitOptions): {
  readonly schemas?: readonly string[];
  readonly unmasked?: boolean;
} {
  return {
    ...(schema === undefined ? {} : { schemas: schema }),
    ...(unmasked === undefined ? {} : { unmasked }),
  };
}

/** What may be left out, and roles that stand for others, as a request has them. */
export function exceptions({ leaveOut, mapRole }: Pick<SharedOptions, 'leaveOut' | 'mapRole'>): {
  readonly leaveOut?: readonly string[];
  readonly roles?: Readonly<Record<string, string>>;
} {
  return {
    ...(leaveOut === undefined ? {} : { leaveOut }),
    ...(mapRole === undefined ? {} : { roles: mapRole }),
  };
}

/** The settings of this run where `--workers` is said; the API has no such setting. Throws USAGE_INVALID. */
export function withWorkers(
  context: Context,
  workers: number | undefined,
): ((config: Config) => Config) | undefined {
  if (workers === undefined) return undefined;
  if (context.service !== null) {
    throw new SyncError('USAGE_INVALID', '--workers cannot be set for a service; set SYNC_WORKERS there.');
  }
  return (config) => ({ ...config, sync: { ...config.sync, workers } });
}

/**
 * What stands between a typing slip and a replaced database: `--confirm` must be the target's name. On a terminal a
 * missing one is asked for, after `beforeAsking`. Throws USAGE_CONFIRM_MISMATCH, what `beforeAsking` throws, and
 * CANCELLED where the question is left with Ctrl-C or Ctrl-D.
 */
export async function confirmTarget(
  context: Context,
  target: string,
  given: string | undefined,
  consequence: string,
  beforeAsking?: () => Promise<void>,
): Promise<string> {
  const { io, options } = context;
  let answer = given;
  if (answer === undefined && options.json !== true && canAsk(io)) {
    await beforeAsking?.();
    io.stderr.write(`${consequence}\n`);
    answer = await prompt(io, 'Type the target’s name to go on: ');
  }
  if (answer === target) return answer;
  throw new SyncError(
    'USAGE_CONFIRM_MISMATCH',
    answer === undefined
      ? `${consequence} Without --confirm ${target} nothing is started.`
      : `--confirm does not name the target "${target}"; nothing was started.`,
    { hint: `Pass --confirm ${target}.` },
  );
}
