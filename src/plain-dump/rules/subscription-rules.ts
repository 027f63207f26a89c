import { refuse, run } from './judgement.ts';
import type { ForeignOptions, Judgement } from './judgement.ts';
import type { TokenCursor } from './token-cursor.ts';

/**
 * Subscriptions as pg_dump writes them: made without connecting to the publisher, and so disabled, then given to their
 * owner. Whatever would connect (ENABLE, REFRESH, another CONNECTION, DROP) is refused. The cursor is at the name.
 */
export function judgeSubscription(verb: string, cursor: TokenCursor, options: ForeignOptions): Judgement {
  const label = `${verb} SUBSCRIPTION ${cursor.name().join('.')}`;
  const words = cursor.tokens.slice(cursor.at);
  if (verb === 'CREATE') {
    const offline = words.findIndex(
      ({ word }, index) =>
        word === 'connect' && words[index + 1]?.text === '=' && words[index + 2]?.word === 'false',
    );
    const parameters = words.findIndex(({ word }) => word === 'with');
    return parameters !== -1 && parameters < offline
      ? run(label)
      : refuse(label, 'it connects to another server (pg_dump writes it with connect = false)');
  }
  if (verb === 'ALTER' && cursor.take('owner', 'to')) {
    return options.owners === false ? { action: 'skip', label, kind: 'ALTER … OWNER TO' } : run(label);
  }
  if (verb === 'DROP') return { ...refuse(label, 'it may connect to another server'), clears: true };
  return refuse(label, 'it may connect to another server');
}
