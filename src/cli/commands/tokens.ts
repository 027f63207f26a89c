import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import { AuditLog } from '../../access/audit-log.ts';
import type { AuditEntry } from '../../access/audit-log.ts';
import type { DamagedRecord } from '../../access/private-records.ts';
import { scopes } from '../../access/scope.ts';
import type { Scope } from '../../access/scope.ts';
import { TokenStore } from '../../access/tokens.ts';
import type { Token } from '../../access/tokens.ts';
import { knownEnvironment } from '../../environments/known-environment.ts';
import { asSyncError } from '../../errors/sync-error.ts';
import { action } from '../command.ts';
import type { CommandDeps } from '../command.ts';
import type { Context } from '../context.ts';
import type { Outcome } from '../outcome.ts';
import { painter, table } from '../render/text.ts';
import { userName } from '../user-name.ts';

interface CreateOptions {
  readonly scope: Scope;
  readonly environment?: readonly string[];
  readonly expires?: number;
}

/** They lie in the data directory: whoever may write there needs no service to make one. */
export function addTokens(program: Command, deps: CommandDeps): void {
  const tokens = program
    .command('tokens')
    .description('make, list and revoke named tokens for the API and the page');
  tokens
    .command('list', { isDefault: true })
    .description('tokens by name, with scope, environments, expiry and last use')
    .action(action(deps, async (context) => listOutcome(context, await list(context))));
  tokens
    .command('create')
    .description('make a token and print it, this once')
    .argument('<name>', 'whose or what for: lower case letters, digits and -')
    .addOption(
      new Option('--scope <scope>', 'read: look; operate: start, cancel, undo, remove; admin: everything')
        .choices(scopes)
        .makeOptionMandatory(),
    )
    .addOption(
      new Option(
        '--environment <name>',
        'with --scope operate: an environment that it may act on; may be repeated; all, where none is named',
      ).argParser((text: string, before: readonly string[] | undefined) => [...(before ?? []), text]),
    )
    .addOption(
      new Option(
        '--expires <days>',
        'days from now until it holds no longer; for ever, where not said',
      ).argParser((text) => {
        const days = /^\d{1,4}$/.test(text) ? Number(text) : 0;
        if (days < 1) throw new InvalidArgumentError('It must be a whole number of days from 1 to 9999.');
        return days;
      }),
    )
    .action(
      action<CreateOptions>(deps, async (context, [name = ''], options) => {
        const { token, secret } = await create(context, name, options);
        context.say(`Token "${token.name}" (${inWords(token)}), shown this once:`);
        return { fields: { token, secret }, text: `${secret}\n` };
      }),
    );
  tokens
    .command('revoke')
    .description('revoke a token; what it has open is closed within a second')
    .argument('<name>')
    .action(
      action(deps, async (context, [name = '']) => {
        if (context.service === null) {
          await storeOf(context).revoke(name);
          await noted(context, 'tokens revoke', { name });
        } else await context.service.delete(`/api/tokens/${encodeURIComponent(name)}`);
        return { fields: { revoked: name }, text: `Token "${name}" is revoked.\n` };
      }),
    );
}

function storeOf({ config, io, say }: Context): TokenStore {
  const { data: dataDirectory } = config().directories;
  return new TokenStore({
    dataDirectory,
    now: io.now,
    onTrouble: () => {
      say('warn: the use of a token could not be written down.');
    },
  });
}

async function list(context: Context): Promise<readonly Token[]> {
  const { tokens, damaged = [] } =
    context.service === null
      ? { tokens: await storeOf(context).list(), damaged: await storeOf(context).damaged() }
      : ((await context.service.get('/api/tokens')) as {
          readonly tokens: readonly Token[];
          /** A service of an earlier version does not tell them. */
          readonly damaged?: readonly DamagedRecord[];
        });
  for (const { name, message } of damaged) context.say(`warn: token "${name}": ${message}`);
  return tokens;
}

async function create(
  context: Context,
  name: string,
  { scope, environment, expires }: CreateOptions,
): Promise<{ readonly token: Token; readonly secret: string }> {
  const expiresAt = expires === undefined ? undefined : context.io.now() + expires * 86_400_000;
  if (context.service !== null) {
    const body = {
      name,
      scope,
      ...(environment === undefined ? {} : { environments: environment }),
      ...(expiresAt === undefined ? {} : { expiresAt }),
    };
    return (await context.service.post('/api/tokens', body)) as { token: Token; secret: string };
  }
  for (const one of environment ?? []) knownEnvironment(context.config().environments, one);
  const made = await storeOf(context).create({
    name,
    scope,
    environments: environment ?? null,
    expiresAt: expiresAt ?? null,
    createdBy: us(),
  });
  const about = { name, scope, ...(environment === undefined ? {} : { environments: [...environment] }) };
  // It is made and cannot be shown again: what the log does not take must not hide it.
  await noted(context, 'tokens create', about).catch((thrown: unknown) => {
    const { code, message } = asSyncError(thrown);
    context.say(`warn: the token was made, but the audit log has no line of it: ${message} (${code})`);
  });
  return { token: made.token, secret: made.secret.reveal() };
}

/** The same file that the service writes to. */
async function noted({ config, io }: Context, did: string, about: AuditEntry['about']): Promise<void> {
  const log = new AuditLog({ dataDirectory: config().directories.data, now: io.now });
  await log.append({ actor: us(), action: did, about, reason: null, outcome: 'done', address: null });
}

const us = (): string => `${userName()} at the command line`;

function listOutcome({ colour }: Context, tokens: readonly Token[]): Outcome {
  if (tokens.length === 0) return { fields: { tokens }, text: 'There is no named token.\n' };
  const lines = table(
    [
      { title: 'Name' },
      { title: 'Scope' },
      { title: 'Environments' },
      { title: 'Expires (UTC)' },
      { title: 'Last used (UTC)' },
      { title: 'Made by' },
    ],
    tokens.map((token) => [
      token.name,
      token.scope,
      environmentsInWords(token),
      expiryInWords(token),
      token.lastUsedAt === null ? 'never' : timeInWords(token.lastUsedAt),
      token.createdBy,
    ]),
    painter(colour.data),
  );
  return { fields: { tokens }, text: `${lines.join('\n')}\n` };
}

const inWords = (token: Token): string =>
  `${token.scope}, ${environmentsInWords(token)}, expires ${expiryInWords(token)}`;

function environmentsInWords({ scope, environments }: Token): string {
  if (scope === 'read') return 'writes to none';
  return environments === null ? 'all' : environments.join(', ');
}

function expiryInWords({ expiresAt, expired }: Token): string {
  if (expiresAt === null) return 'never';
  return expired ? `over since ${timeInWords(expiresAt)}` : timeInWords(expiresAt);
}

function timeInWords(at: number): string {
  return new Date(at).toISOString().slice(0, 16).replace('T', ' ');
}
