import { loadConfig } from '../../config/load-config.ts';
import { asSyncError } from '../../errors/sync-error.ts';
import { bytesInWords } from '../../progress/words.ts';
import type { Context } from '../context.ts';
import type { Questions } from '../prompt.ts';
import { painter, safe } from '../render/text.ts';
import { envLine } from './env-line.ts';

/** What a conversation goes on with. */
export interface Asking {
  readonly context: Context;
  readonly questions: Questions;
  readonly signal: AbortSignal;
}

type Variables = Readonly<Record<string, string>>;

const namePattern = /^[a-z][a-z0-9_]{0,62}$/;

/**
 * Asks for one environment, tries its database and its search, and returns the lines of `.env` for it; null where no
 * more is wanted. `taken`: names that are known already.
 */
export async function askEnvironment(
  asking: Asking,
  question: string,
  taken: ReadonlySet<string>,
): Promise<{ readonly name: string; readonly lines: readonly string[] } | null> {
  const { context, questions } = asking;
  for (;;) {
    const name = (await questions.ask(question)).toLowerCase();
    if (name === '') return null;
    if (!namePattern.test(name) || taken.has(name)) {
      context.say(
        taken.has(name)
          ? `There is an environment "${name}" already.`
          : 'A name is letters, digits and "_", and begins with a letter.',
      );
      continue;
    }
    const prefix = name.toUpperCase();
    const database = await askUntilItAnswers(asking, name, () => askDatabase(questions, prefix));
    const readOnly = name === 'production' || name === 'prod';
    const mayBeTarget = await askYes(
      questions,
      `May runs replace what is in ${name}? Without it, it is only read from.`,
      !readOnly,
    );
    const search = await askUntilItAnswers(asking, name, async () => {
      const more = await askSearch(questions, name, prefix);
      return more === null ? null : { ...database, ...more };
    });
    const variables = {
      ...(search ?? database),
      ...(mayBeTarget ? {} : { [`${prefix}_PROTECTION`]: 'source-only' }),
    };
    return { name, lines: Object.entries(variables).map(([key, value]) => envLine(key, value)) };
  }
}

export async function askYes(questions: Questions, question: string, byDefault: boolean): Promise<boolean> {
  const answer = (await questions.ask(`${question} ${byDefault ? '[Y/n]' : '[y/N]'} `)).toLowerCase();
  return answer === '' ? byDefault : /^y(?:es)?$/.test(answer);
}

/** The password may stand in the address; it is asked for where it does not, and not shown. */
async function askDatabase(questions: Questions, prefix: string): Promise<Variables> {
  const address = await questions.ask(
    'Address of its database, best without the password (postgresql://user@host:5432/name): ',
  );
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url === null || url.password !== '' || url.username === '')
    return { [`${prefix}_DATABASE_URL`]: address };
  const password = await questions.ask('Password (not shown; empty for none): ', { hidden: true });
  // The rest of the address stays as it was typed.
  const [, head = '', rest = ''] = /^([^/]+\/\/[^@/]+)(@.*)$/s.exec(address) ?? [];
  const whole = password === '' || head === '' ? address : `${head}:${encodeURIComponent(password)}${rest}`;
  return { [`${prefix}_DATABASE_URL`]: whole.replaceAll("'", '%27') };
}

async function askSearch(questions: Questions, name: string, prefix: string): Promise<Variables | null> {
  const address = await questions.ask(`Address of the Typesense of ${name} (empty for none): `);
  if (address === '') return null;
  const key = await questions.ask('Its API key (not shown): ', { hidden: true });
  return { [`${prefix}_TYPESENSE_URL`]: address, [`${prefix}_TYPESENSE_API_KEY`]: key };
}

/** Asks again until what was given answers, or is to be taken all the same. Null from `ask` ends it. */
async function askUntilItAnswers<T extends Variables | null>(
  asking: Asking,
  name: string,
  ask: () => Promise<T>,
): Promise<T> {
  const { context, questions } = asking;
  const paint = painter(context.colour.people);
  for (;;) {
    const variables = await ask();
    if (variables === null) return variables;
    const { found, fault } = await tryEnvironment(asking, name, variables);
    if (found !== null) context.say(`${paint('green', '✓')} ${safe(found)}`);
    if (fault === null) return variables;
    context.say(`${paint('red', '✗')} ${safe(fault.message)}\n    ${safe(fault.hint)}`);
    // What cannot even be read must not be written.
    if (fault.unreadable || (await askYes(questions, 'Give it again?', true))) continue;
    return variables;
  }
}

interface Tried {
  readonly found: string | null;
  readonly fault: { readonly message: string; readonly hint: string; readonly unreadable: boolean } | null;
}

async function tryEnvironment(
  { context: { io }, signal }: Asking,
  name: string,
  variables: Variables,
): Promise<Tried> {
  try {
    // Beside what is configured already.
    const config = loadConfig({ env: variables, cwd: io.cwd, file: undefined });
    const { testEnvironment } = await import('../../sync/verbs/test-environment.ts');
    const { database, search } = await testEnvironment({ config, now: io.now }, name, { signal });
    if (!database.ok) return { found: null, fault: { ...database.error, unreadable: false } };
    const found = `${name}: PostgreSQL ${database.serverVersion}, ${bytesInWords(database.bytes)}`;
    if (search !== null && !search.ok) return { found, fault: { ...search.error, unreadable: false } };
    return { found: search === null ? found : `${found}; its Typesense answers`, fault: null };
  } catch (error) {
    signal.throwIfAborted();
    const { message, hint } = asSyncError(error);
    return { found: null, fault: { message, hint, unreadable: true } };
  }
}
