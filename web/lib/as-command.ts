import type { Job } from '../api/types.ts';

type Request = Job['request'];

/** The same on the command line, as words of a POSIX shell. */
export function asCommand(request: Request): string {
  return ['multiboard-sync', ...wordsOf(request)].map(quoted).join(' ');
}

function wordsOf(request: Request): readonly string[] {
  switch (request.kind) {
    case 'sync':
      return [
        'sync',
        request.input.source,
        ...replacing(request.input),
        ...many('--schema', request.input.schemas),
      ];
    case 'import':
      return [
        'import',
        request.input.dump.id,
        ...replacing(request.input),
        ...one('--schema', request.input.schema),
      ];
    case 'export':
      return [
        'export',
        request.input.environment,
        ...one('--compress', request.input.compression),
        ...one('--workers', request.input.workers),
        ...shared(request.input),
        ...many('--schema', request.input.schemas),
      ];
    case 'typesense':
      return [
        'typesense',
        request.input.environment,
        ...(request.input.collections ?? []),
        ...flag('--untried-servers', request.input.untriedServers),
      ];
    case 'rollback':
      return [
        'rollback',
        request.input.jobId,
        '--confirm',
        request.input.confirm,
        ...flag('--pass-over', request.input.passOver),
      ];
    case 'verify':
      return [
        'verify',
        request.input.left,
        ...(request.input.search === true ? ['--search'] : [request.input.right]),
        ...shared(request.input),
        ...many('--schema', request.input.schemas),
      ];
    case 'rehearsal':
      return [
        'rehearse',
        request.input.environment,
        request.input.server,
        ...flag('--untried-servers', request.input.untriedServers),
      ];
    default:
      return request satisfies never;
  }
}

type Replacing =
  | Extract<Request, { readonly kind: 'sync' }>['input']
  | Extract<Request, { readonly kind: 'import' }>['input'];

const replacing = (input: Replacing): readonly string[] => [
  input.target,
  '--confirm',
  input.confirm,
  ...one('--mode', input.mode),
  ...one('--backup', input.backup),
  ...flag('--no-search', input.search === false),
  ...flag('--no-owner', input.owners === false),
  ...flag('--no-privileges', input.privileges === false),
  ...shared(input),
  ...flag('--ignore-migrations', input.ignoreMigrations),
  ...pairs('--orphans', input.orphans),
];

interface Shared {
  readonly leaveOut?: readonly string[];
  readonly roles?: Readonly<Record<string, string>>;
  readonly untriedServers?: boolean;
  readonly unmasked?: boolean;
}

const shared = ({ leaveOut, roles, untriedServers, unmasked }: Shared): readonly string[] => [
  ...many('--leave-out', leaveOut),
  ...pairs('--map-role', roles),
  ...flag('--untried-servers', untriedServers),
  ...flag('--unmasked', unmasked),
];

const one = (name: string, value: string | number | undefined): readonly string[] =>
  value === undefined ? [] : [name, String(value)];
const many = (name: string, values: readonly string[] = []): readonly string[] =>
  values.flatMap((value) => [name, value]);
const pairs = (name: string, values: Readonly<Record<string, string>> = {}): readonly string[] =>
  Object.entries(values).flatMap(([left, right]) => [name, `${left}=${right}`]);
const flag = (name: string, set: boolean | undefined): readonly string[] => (set === true ? [name] : []);

const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
