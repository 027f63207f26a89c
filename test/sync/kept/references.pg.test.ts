import { beforeAll, describe, expect, test } from 'vitest';
import type { ErrorReport } from '../../../src/errors/sync-error.ts';
import { errorReport } from '../../../src/errors/sync-error.ts';
import { stepTitles } from '../../../src/progress/progress.ts';
import type { JobEvent } from '../../../src/progress/progress.ts';
import { planSync } from '../../../src/sync/verbs/plan.ts';
import type { Plan } from '../../../src/sync/contract/plan.ts';
import { askReferences } from '../../../src/sync/kept/references/ask-references.ts';
import type { ReferenceQuestion } from '../../../src/plan/reference-questions.ts';
import type { DatabaseUrl } from '../../../src/environments/database-url.ts';
import { withReleasers } from '../../../src/lib/releasers.ts';
import { Database } from '../../../src/postgres/database.ts';
import type { Session } from '../../../src/postgres/session.ts';
import { createBench, failsAndChangesNothing, modes, rowsOf } from '../../harness/environment-pair.ts';
import type { Bench } from '../../harness/environment-pair.ts';
import { failure } from '../../harness/failure.ts';

async function planOf(bench: Bench): Promise<Plan> {
  return planSync(
    { config: bench.config, now: Date.now },
    { source: 'src', target: 'dst' },
    { signal: new AbortController().signal },
  );
}

/** What the plan says of each foreign key, by its name. */
function byKey({ message }: Pick<ErrorReport, 'message'>): Readonly<Record<string, string>> {
  const sentences = message.replace(/^.*?: /, '').split('; ');
  return Object.fromEntries(
    sentences.map((sentence) => [
      /foreign key (\S+) on/.exec(sentence)?.[1],
      sentence.replace(/ \(foreign.*/, ''),
    ]),
  );
}

const policies = {
  profile: 'preserve',
  'kept*': 'preserve',
  cache: 'truncate',
  gone: 'preserve',
} as const;

const tables = `
  CREATE TYPE size AS ENUM ('s', 'm');
  CREATE DOMAIN code AS text;
  CREATE TABLE part (id int PRIMARY KEY);
  CREATE TABLE pair (a int, b text COLLATE "C", PRIMARY KEY (a, b));
  CREATE TABLE sized (size size PRIMARY KEY);
  CREATE TABLE coded (code code PRIMARY KEY);
  CREATE TABLE profile (id bigint PRIMARY KEY, email text UNIQUE);
  CREATE TABLE cache (id int PRIMARY KEY);
  CREATE TABLE tree (id int PRIMARY KEY, at int) PARTITION BY RANGE (id);
  CREATE TABLE room (id int4range, during daterange, PRIMARY KEY (id, during WITHOUT OVERLAPS));
  CREATE TABLE tree_low PARTITION OF tree FOR VALUES FROM (0) TO (10);
  CREATE TABLE kept_tree_high PARTITION OF tree FOR VALUES FROM (10) TO (100);
`;

let bench: Bench;

/** Kept tables with keys that the target does not have; and one of the source to a kept table. */
beforeAll(async () => {
  bench = await createBench({ policies });
  await bench.source.query(`${tables}
    CREATE TABLE kept_list (id int PRIMARY KEY, part int, CONSTRAINT plain FOREIGN KEY (part) REFERENCES part ON DELETE CASCADE);
    CREATE TABLE kept_simple (a int, b text, CONSTRAINT simple FOREIGN KEY (a, b) REFERENCES pair);
    CREATE TABLE kept_full (a int, b text, CONSTRAINT whole FOREIGN KEY (a, b) REFERENCES pair MATCH FULL);
    CREATE TABLE kept_sized (size size, CONSTRAINT enumerated FOREIGN KEY (size) REFERENCES sized);
    CREATE TABLE kept_coded (code code, CONSTRAINT domained FOREIGN KEY (code) REFERENCES coded);
    CREATE TABLE kept_later (part int);
    ALTER TABLE kept_later ADD CONSTRAINT not_valid FOREIGN KEY (part) REFERENCES part NOT VALID;
    ALTER TABLE kept_later ADD CONSTRAINT not_enforced FOREIGN KEY (part) REFERENCES part NOT ENFORCED;
    CREATE TABLE kept_event (at int, part int) PARTITION BY RANGE (at);
    CREATE TABLE kept_event_1 PARTITION OF kept_event FOR VALUES FROM (0) TO (9);
    ALTER TABLE kept_event ADD CONSTRAINT partitioned FOREIGN KEY (part) REFERENCES part;
    CREATE TABLE kept_cached (id int, CONSTRAINT emptied FOREIGN KEY (id) REFERENCES cache);
    CREATE TABLE gone (id int PRIMARY KEY);
    CREATE TABLE kept_mail (email text, CONSTRAINT stricter FOREIGN KEY (email) REFERENCES profile (email));
    CREATE TABLE owned (id int, owner int, CONSTRAINT of_source FOREIGN KEY (owner) REFERENCES profile);
    CREATE TABLE of_gone (id int, CONSTRAINT absent FOREIGN KEY (id) REFERENCES gone);
    CREATE TABLE kept_leaf (id int, CONSTRAINT both_ends FOREIGN KEY (id) REFERENCES tree);
    CREATE TABLE kept_booking (room int4range, span daterange, CONSTRAINT in_time FOREIGN KEY (room, PERIOD span) REFERENCES room (id, PERIOD during));
    INSERT INTO room VALUES ('[1,2)', '[2024-01-01,2025-01-01)'), ('[1,2)', '[2025-01-01,2026-01-01)');
    INSERT INTO part SELECT generate_series(1, 5000); INSERT INTO pair VALUES (1, 'x'), (2, 'Y');
    INSERT INTO sized VALUES ('s'); INSERT INTO coded VALUES ('a'); INSERT INTO profile VALUES (1), (2), (3);
    INSERT INTO owned VALUES (1, 1), (2, 2), (3, 3), (4, 3), (5, NULL); INSERT INTO gone VALUES (1);
    INSERT INTO of_gone VALUES (1); INSERT INTO tree VALUES (1), (2), (50)`);
  await bench.target.query(`${tables}
    CREATE TABLE kept_list (id int PRIMARY KEY, part int);
    CREATE TABLE kept_simple (a int, b text); CREATE TABLE kept_full (a int, b text);
    CREATE TABLE kept_sized (size size); CREATE TABLE kept_coded (code code); CREATE TABLE kept_later (part int);
    CREATE TABLE kept_event (at int, part int) PARTITION BY RANGE (at);
    CREATE TABLE kept_event_1 PARTITION OF kept_event FOR VALUES FROM (0) TO (9);
    CREATE TABLE kept_cached (id int); CREATE TABLE kept_mail (email text); CREATE TABLE kept_leaf (id int);
    CREATE TABLE kept_booking (room int4range, span daterange);
    INSERT INTO kept_booking VALUES ('[1,2)', '[2024-05-01,2025-05-01)'), ('[1,2)', '[2025-05-01,2026-05-01)'),
      ('[2,3)', '[2024-01-01,2024-02-01)'), (NULL, '[2020-01-01,2021-01-01)');
    INSERT INTO kept_list SELECT g, g FROM generate_series(1, 5007) AS g; INSERT INTO kept_list VALUES (9001, 5001), (9002, NULL);
    INSERT INTO kept_simple VALUES (1, 'x'), (1, NULL), (NULL, 'z'), (2, 'y'), (2, 'a b');
    INSERT INTO kept_full VALUES (1, 'x'), (NULL, NULL), (1, NULL);
    INSERT INTO kept_sized VALUES ('s'), ('m'), ('m'); INSERT INTO kept_coded VALUES ('a'), ('b');
    INSERT INTO kept_later VALUES (77); INSERT INTO kept_event VALUES (1, 1), (2, 6001);
    INSERT INTO kept_cached VALUES (1), (2); INSERT INTO profile VALUES (1, 'ann@example.org'), (4, NULL);
    INSERT INTO kept_mail VALUES ('ann@example.org'), ('bob@example.org'); INSERT INTO tree VALUES (3), (60);
    INSERT INTO kept_leaf VALUES (1), (60), (3), (50)`);
});

describe('rows that would refer to nothing', () => {
  let planned: Plan;
  beforeAll(async () => {
    planned = await planOf(bench);
  });

  test('are found by the plan: each foreign key with its rows and keys', async () => {
    const { blockers, warnings } = planned;
    expect(blockers.map(({ code }) => code)).toEqual(['TARGET_KEPT_TABLE']);
    expect(byKey(blockers[0]!)).toEqual({
      plain:
        '8 row(s) of public.kept_list, which are kept, refer to 7 row(s) of public.part that will not be there, id = 5001, 5002, 5003, 5004, 5005, 5006, 5007',
      simple:
        '2 row(s) of public.kept_simple, which are kept, refer to 2 row(s) of public.pair that will not be there, a, b = (2,"a b"), (2,y)',
      whole:
        '1 row(s) of public.kept_full, which are kept, refer to 1 row(s) of public.pair that will not be there, a, b = (1,NULL)',
      enumerated:
        '2 row(s) of public.kept_sized, which are kept, refer to 1 row(s) of public.sized that will not be there, size = m',
      domained:
        '1 row(s) of public.kept_coded, which are kept, refer to 1 row(s) of public.coded that will not be there, code = b',
      partitioned:
        '1 row(s) of public.kept_event, which are kept, refer to 1 row(s) of public.part that will not be there, id = 6001',
      emptied:
        '2 row(s) of public.kept_cached, which are kept, refer to public.cache, which will be empty, id = 1, 2',
      in_time:
        '2 row(s) of public.kept_booking, which are kept, refer to 2 row(s) of public.room that will not be there, id, during = ("[1,2)","[2025-05-01,2026-05-01)"), ("[2,3)","[2024-01-01,2024-02-01)")',
      // A unique key may hold what nobody should read in a log.
      stricter:
        '1 row(s) of public.kept_mail, which are kept, refer to 1 row(s) of public.profile that will not be there',
      of_source:
        '3 row(s) of public.owned, which come from the source, refer to 2 row(s) of public.profile that will not be there, id = 2, 3',
      absent:
        '1 row(s) of public.of_gone, which come from the source, refer to public.gone, which will be empty, id = 1',
      both_ends:
        '2 row(s) of public.kept_leaf, which are kept, refer to 2 row(s) of public.tree that will not be there, id = 3, 50',
    });
    expect(JSON.stringify(blockers)).not.toContain('bob@');
    expect(warnings.filter((warning) => warning.includes('not asked'))).toEqual([]);
  });

  test.each(modes)('end a sync before it reads a row, %s', async (mode) => {
    const begun = new Set<string>();
    const onEvent = (event: JobEvent): void => {
      if (event.type !== 'progress') return;
      for (const { title, state } of event.progress.steps) if (state !== 'waiting') begun.add(title);
    };
    const error = errorReport(await failure(bench.sync(mode, {}, { onEvent })));
    expect([error]).toEqual(planned.blockers);
    expect(begun).not.toContain(stepTitles.export);
  });

  test('end an import with the same words: before writers are locked, or in its transaction', async () => {
    const [blocker] = planned.blockers;
    const dump = { id: (await bench.export()).dump?.dumpId ?? '' };
    for (const mode of modes) {
      const error = await failsAndChangesNothing(bench.target, () => bench.import(dump, mode));
      expect(byKey(error)).toEqual(byKey(blocker!));
    }
  });
});

test('what cannot be asked in time, or cannot be compared, is said, and what was found until then', async () => {
  const question = (table: string): ReferenceQuestion => ({
    foreignKey: `key of ${table}`,
    foreignKeyThere: `key of ${table}`,
    table,
    referenced: 'part',
    columns: [
      { name: 'part', referenced: 'id', type: 'integer', equals: { schema: 'pg_catalog', name: '=' } },
    ],
    full: false,
    period: false,
    from: [{ end: 'target', schema: 'public', name: table }],
    to: [{ end: 'source', schema: 'public', name: 'part' }],
    written: 'source',
    tellsKeys: true,
  });
  await bench.target.query('CREATE TABLE locked (part int); CREATE TABLE texts AS SELECT $$x$$ AS part');
  const [source, target] = [bench.config.environments.get('src'), bench.config.environments.get('dst')];
  await withReleasers(async (releasers) => {
    const open = async (url: DatabaseUrl): Promise<Session> => {
      const database = new Database({
        url,
        side: 'source',
        access: 'read',
        applicationName: 'test',
        connectionsMax: 1,
      });
      releasers.defer(() => database.close());
      const session = await database.connect();
      releasers.defer(() => session.release());
      await session.execute('BEGIN');
      return session;
    };
    const ends = [await open(source!.database), await open(target!.database)] as const;
    const holder = await open(target!.database);
    await holder.execute('LOCK TABLE public.locked IN ACCESS EXCLUSIVE MODE');
    const { missing, notes } = await askReferences(
      {
        questions: [question('texts'), question('kept_list'), question('locked'), question('kept_event')],
        names: null,
        source: { session: ends[0], names: 'source' },
        target: { session: ends[1], names: 'target' },
      },
      { signal: new AbortController().signal, limit: AbortSignal.timeout(2_000) },
    );
    expect(missing.map(({ keys, rows, first }) => [keys, rows, first[0]])).toEqual([[7, 8, '5001']]);
    expect(notes).toEqual([
      expect.stringMatching(/not finished \(a value is not valid for its type/),
      expect.stringMatching(/not finished \(it took too long\): key of locked/),
      expect.stringMatching(/not finished \(it took too long\): key of kept_event/),
    ]);
  });
});

test('under another schema name, and once they are put right, nothing stands against it', async () => {
  const kept = `CREATE TYPE app.size AS ENUM ('s'); CREATE TABLE app.part (id app.size PRIMARY KEY);
    CREATE TABLE app.kept (id int, part app.size CONSTRAINT there REFERENCES app.part)`;
  const { source, target } = await createBench();
  await source.query(`CREATE SCHEMA app; ${kept}; INSERT INTO app.part VALUES ('s')`);
  await target.query(
    `CREATE SCHEMA live; ${kept.replaceAll('app.', 'live.')}; ALTER TYPE live.size ADD VALUE 'm'`,
  );
  await target.query(
    `INSERT INTO live.part VALUES ('s'), ('m'); INSERT INTO live.kept VALUES (1, 's'), (2, 'm')`,
  );
  const renamed = await createBench({
    source: { ...source, url: `${source.url}?schema=app` },
    target: { ...target, url: `${target.url}?schema=live` },
    policies: { kept: 'preserve' },
  });
  const { blockers } = await planOf(renamed);
  expect(blockers.map(byKey)).toEqual([
    {
      there:
        '1 row(s) of live.kept, which are kept, refer to 1 row(s) of live.part that will not be there, id = m',
    },
  ]);
  await target.query('DELETE FROM live.kept WHERE id = 2');
  expect((await planOf(renamed)).blockers).toEqual([]);
  await renamed.sync('replace');
  expect(await rowsOf(renamed.target, 'live.kept')).toEqual(['(1,s)']);
});
