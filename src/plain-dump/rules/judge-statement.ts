import { unguarded } from '../../catalog/extensions/guarded.ts';
import type { ClientEncoding } from '../../sql-lexer/client-encoding.ts';
import { tokensOf } from '../../sql-lexer/tokens.ts';
import { judgeUpdate } from './database-rules.ts';
import { refuse, run, skip } from './judgement.ts';
import type { ForeignOptions, Judgement } from './judgement.ts';
import { computes, judgeGrant, judgeObjectStatement, judgeRemark } from './object-rules.ts';
import { TokenCursor } from './token-cursor.ts';
import { judgeRoleChange, judgeSessionRole, judgeRows, judgeSelect, judgeSet } from './value-rules.ts';

/** Rows may make a statement long: of INSERT only its head is looked at, enough for a name of three parts. */
const headTokens = 8;
const breaksOut = 'it would break out of the transaction of the import';
const changesMember = /^(?:ALTER|CREATE OR REPLACE) (?:FUNCTION|OPERATOR|PROCEDURE|TEXT SEARCH|TYPE) /;
const hiddenCode = 'it runs code that cannot be checked';

const refusals: Readonly<Record<string, string>> = {
  abort: breaksOut,
  call: hiddenCode,
  checkpoint: 'it reaches beyond the one database',
  do: hiddenCode,
  end: breaksOut,
  execute: hiddenCode,
  import: 'it reaches another server',
  load: 'it loads a library into the server',
  prepare: breaksOut,
  release: breaksOut,
  rollback: breaksOut,
  savepoint: breaksOut,
  start: breaksOut,
};

export interface StatementText {
  readonly text: Buffer;
  readonly standardStrings: boolean;
  readonly encoding?: ClientEncoding | undefined;
  /** It is followed by rows: `COPY … FROM stdin`. */
  readonly hasRows: boolean;
  /** False for an INSERT of something else than constants. */
  readonly insertsConstants: boolean;
}

/**
 * What is done with one statement: everything pg_dump 13 to 18 writes into a plain dump of one database is run (or
 * left out when so asked), everything else is refused. This keeps a file from reaching beyond the database by its
 * statements. It is no sandbox: functions, defaults and triggers that the file defines run with the rights of the
 * target's role.
 */
export function judgeStatement(statement: StatementText, options: ForeignOptions): Judgement {
  const { text, standardStrings, encoding } = statement;
  const head = tokensOf(text, { standardStrings, encoding, limit: headTokens });
  const verb = head[0]?.word.toUpperCase() ?? '';
  const isWhole = verb === 'INSERT' || head.length < headTokens;
  const cursor = new TokenCursor(isWhole ? head : tokensOf(text, { standardStrings, encoding }));
  cursor.at = 1;
  switch (verb) {
    case 'CREATE':
    case 'ALTER':
    case 'DROP':
      return judgeObjectStatement(verb, cursor, options);
    case 'COMMENT':
      cursor.take('on');
      return judgeRemark(verb, cursor, options);
    case 'SECURITY':
      while (cursor.at < cursor.tokens.length && cursor.word !== 'on') cursor.at += 1;
      cursor.take('on');
      return judgeRemark('SECURITY LABEL', cursor, options);
    case 'GRANT':
    case 'REVOKE':
      return judgeGrant(verb, cursor, options);
    case 'SET':
      return judgeSet(cursor, options);
    case 'RESET':
      if (cursor.take('session', 'authorization')) return judgeSessionRole(cursor, options);
      if (cursor.word === 'session' || cursor.word === 'role') return judgeRoleChange(verb, options);
      // Supabase’s command line ends its dumps with it.
      if (cursor.take('all') && cursor.takeSymbol(';')) return run('RESET ALL');
      return refuse('RESET', 'a plain dump holds no such statement');
    case 'UPDATE':
      return judgeUpdate(cursor);
    case 'SELECT':
      return judgeSelect(cursor);
    case 'INSERT':
      cursor.take('into');
      return judgeInsert(statement, cursor);
    case 'TRUNCATE':
      cursor.take('table');
      cursor.take('only');
      return judgeRows(verb, cursor);
    case 'COPY':
      return judgeCopy(statement, cursor);
    case 'REFRESH':
      if (!cursor.take('materialized', 'view')) break;
      cursor.take('concurrently');
      return run(`REFRESH MATERIALIZED VIEW ${cursor.name().join('.')}`);
    case 'DO':
      // Of our own dumps, without their manifest. Nothing of it is run.
      if (changesMember.test(unguarded(text.toString().trim()) ?? ''))
        return skip('changes of an extension’s member', 'changes of extensions’ members');
      break;
    case 'BEGIN':
    case 'COMMIT':
      // pg_dump writes them around large objects, without any option.
      return cursor.takeSymbol(';') ? run(verb) : refuse(verb, breaksOut);
    default:
  }
  const reason = Object.hasOwn(refusals, verb.toLowerCase()) ? refusals[verb.toLowerCase()] : undefined;
  return refuse(verb === '' ? 'a statement' : verb, reason ?? 'a plain dump holds no such statement');
}

function judgeInsert({ insertsConstants }: StatementText, cursor: TokenCursor): Judgement {
  const judgement = judgeRows('INSERT INTO', cursor);
  return judgement.action !== 'run' || insertsConstants ? judgement : refuse(judgement.label, computes);
}

/** Only `COPY table [(columns)] FROM stdin;`: no file, no program, no query, no options. */
function judgeCopy(statement: StatementText, cursor: TokenCursor): Judgement {
  const judgement = judgeRows('COPY', cursor);
  if (judgement.action !== 'run') return judgement;
  if (cursor.takeSymbol('(')) {
    do cursor.name();
    while (cursor.takeSymbol(','));
    if (!cursor.takeSymbol(')'))
      return refuse(judgement.label, 'its list of columns is not written the way dumps write it');
  }
  if (!cursor.take('from')) return refuse(judgement.label, 'it writes to a file or to the connection');
  if (!statement.hasRows) return refuse(judgement.label, 'it reads a file or runs a program on the server');
  cursor.at += 1; // STDIN
  return cursor.takeSymbol(';') ? judgement : refuse(judgement.label, 'dumps use COPY without options');
}
