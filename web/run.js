import { badge, bytes, count, duration, eta, facts, h, stateWords, table, time } from './dom.js';

/** @import { JobAnswer, JobsAnswer } from '../src/http/answers.ts' */
/** @import { JobLogLine } from '../src/jobs/job-log-lines.ts' */
/** @import { ItemProgress, JobState, ProgressSnapshot, StepProgress } from '../src/progress/progress.ts' */
/** @import { Plan, PlannedLargeObjects, PlannedTable } from '../src/sync/contract/plan.ts' */
/** @import { CollectionReceipt, DumpReceipt, Receipt } from '../src/sync/contract/receipts.ts' */
/** @import { TableReceipt, VerifyReceipt } from '../src/sync/contract/receipts.ts' */
/** @import { Column, Parts } from './dom.js' */

/** @typedef {JobsAnswer['jobs'][number]} ListedJob A job as the list has it. */
/** @typedef {JobAnswer & { ahead: ListedJob | null }} ShownJob `ahead`: the run that a waiting job waits for. */
/** @typedef {(event: Event) => unknown} Listener */
/** @typedef {{ cancel: Listener, undo: Listener, again: Listener }} Actions */

/** @type {Readonly<Record<JobAnswer['kind'], string>>} */
const verbs = {
  sync: 'Sync',
  import: 'Import',
  export: 'Export',
  typesense: 'Search',
  rollback: 'Undo',
  verify: 'Comparison',
};

/**
 * `Sync production → staging`.
 *
 * @param {Pick<JobAnswer, 'kind' | 'source' | 'target'>} job
 */
export function jobTitle({ kind, source, target }) {
  return `${verbs[kind]} ${[source, target].filter((name) => name !== null).join(' → ')}`;
}

/**
 * One job on the page: live while it runs, with its receipt when it has ended.
 *
 * @param {ShownJob} job
 * @param {readonly JobLogLine[]} log
 * @param {Actions} actions
 */
export function runView(job, log, actions) {
  const { progress } = job;
  const state = progress?.state ?? job.state;
  const ended = ['done', 'failed', 'cancelled'].includes(state);
  return [
    h('div', { className: 'head' }, h('h2', { id: 'run-title' }, jobTitle(job)), badge(state)),
    ended ? outcome(job, state) : h('p', {}, progress?.message || waiting(job)),
    job.attempts > 1
      ? h(
          'p',
          { className: 'quiet' },
          `Attempt ${job.attempts}: the worker of the attempt before died, and the job started again.`,
        )
      : null,
    progress === null ? null : figures(progress, ended),
    progress === null ? null : steps(progress, ended),
    progress === null || ended ? null : items(progress),
    job.receipt === null ? null : receipt(job.receipt),
    log.length === 0 ? null : logLines(log),
    buttons(job, state, ended, actions),
  ].filter((part) => part !== null);
}

/** @param {ShownJob} job */
function waiting({ ahead, target }) {
  if (!ahead) return 'Waiting for its turn.';
  return [
    'Waiting for ',
    h('a', { href: `#${ahead.id}` }, jobTitle(ahead)),
    `: one run at a time on ${target}.`,
  ];
}

/**
 * @param {ShownJob} job
 * @param {JobState} state
 */
function outcome(job, state) {
  if (state === 'done') {
    const equal = job.receipt?.type !== 'verify' || job.receipt.equal;
    return h('p', { className: equal ? 'notice good' : 'notice bad' }, job.progress?.message || 'Done.');
  }
  const error = job.error ?? job.progress?.error;
  return h(
    'div',
    { className: state === 'failed' ? 'notice bad' : 'notice' },
    h('p', {}, error?.message ?? stateWords[state]),
    error ? h('p', {}, error.hint, ' ', h('a', { href: `docs#${error.code}` }, error.code)) : null,
  );
}

/**
 * @param {ProgressSnapshot} progress
 * @param {boolean} ended
 */
function figures(progress, ended) {
  const { percent, bytesDone, bytesEstimated, bytesPerSecond, rowsPerSecond, etaSeconds } = progress;
  const fill = h('div');
  fill.style.width = `${percent}%`;
  const text = `${percent.toFixed(1)} %`;
  const bar = {
    className: 'bar',
    role: 'progressbar',
    'aria-label': 'Work done, by bytes',
    'aria-valuemin': '0',
    'aria-valuemax': '100',
    'aria-valuenow': String(percent),
    'aria-valuetext': ended ? text : `${text}, ${eta(etaSeconds)}`,
  };
  const facts = [
    text,
    `${bytes(bytesDone)} of ${ended ? '' : 'about '}${bytes(Math.max(bytesDone, bytesEstimated))}`,
  ];
  if (bytesPerSecond !== null) facts.push(`${bytes(bytesPerSecond)}/s`);
  if (rowsPerSecond !== null) facts.push(`${count(Math.round(rowsPerSecond))} rows/s`);
  if (!ended) facts.push(eta(etaSeconds));
  if (progress.startedAt !== null)
    facts.push(`${duration(progress.updatedAt - progress.startedAt)} ${ended ? 'in all' : 'so far'}`);
  return h(
    'div',
    {},
    h('div', bar, fill),
    h(
      'p',
      { className: 'figures' },
      facts.map((fact) => h('span', {}, fact)),
    ),
  );
}

const stepWords = {
  waiting: '· waiting',
  running: '▶ running',
  done: '✓ done',
  failed: '✗ failed',
  cancelled: '✗ cancelled',
};

/**
 * @param {ProgressSnapshot} progress
 * @param {boolean} ended
 */
function steps({ steps: list }, ended) {
  const line = (/** @type {StepProgress} */ { title, state, durationMs }) => {
    const stopped = ended && state === 'running';
    const word = stopped ? '✗ stopped' : stepWords[state];
    return h(
      'li',
      { className: stopped ? 'failed' : state },
      h('span', { className: 'word' }, word),
      h('span', {}, title),
      durationMs === null ? null : h('span', { className: 'quiet' }, duration(durationMs)),
    );
  };
  return h('ol', { className: 'steps', 'aria-label': 'Steps' }, list.map(line));
}

/** @param {ProgressSnapshot} progress */
function items({ items: list, itemsDone, itemsTotal }) {
  const active = list.filter(({ state }) => state === 'active');
  if (active.length === 0) return null;
  /** @type {(done: number, all: number | null, show: (value: number) => string) => string} */
  const of = (done, all, show) =>
    all === null ? show(done) : `${show(done)} of about ${show(Math.max(done, all))}`;
  /** @type {Column<ItemProgress>[]} */
  const columns = [
    ['In flight', (item) => item.name],
    ['Rows', (item) => of(item.rows, item.rowsEstimated, count), true],
    ['Size', (item) => of(item.bytes, item.bytesEstimated, bytes), true],
  ];
  return h(
    'div',
    {},
    table('Tables in flight', columns, active),
    h('p', { className: 'quiet' }, `${count(itemsDone)} of ${count(itemsTotal)} done`),
  );
}

/** @type {Column<TableReceipt>[]} */
const tablesColumns = [
  ['Table', (row) => row.table],
  ['Rows', (row) => count(row.rows), true],
  ['From', (row) => row.content],
  ['Digest', (row) => h('code', {}, row.digest ?? '–')],
  ['Equal', (row) => (row.equal ? '✓ equal' : '✗ different')],
];

/** @type {Column<CollectionReceipt>[]} */
const collectionColumns = [
  ['Alias', (row) => row.alias],
  ['Collection', (row) => row.collection ?? '–'],
  ['Documents', (row) => count(row.documents), true],
  ['Verified', (row) => (row.verified ? '✓ verified' : 'not checked')],
];

/**
 * Receipts of earlier versions say nothing of large objects.
 *
 * @param {Receipt['largeObjects'] | undefined} received
 */
function receivedObjects(received) {
  if (!received) return null;
  return `${count(received.objects)} (${bytes(received.bytes)}), ${received.content}`;
}

/** @param {Receipt | VerifyReceipt} result */
function receipt(result) {
  if (result.type === 'verify') {
    const differentTables = result.tables.filter(({ equal }) => !equal).map(({ table: name }) => name);
    const differences = result.differences.map(
      ({ kind, name, difference }) => `${kind} ${name}: ${difference}`,
    );
    return fold(
      'Receipt',
      !result.equal || result.notCompared.length > 0,
      facts({
        [result.search === true ? 'collectionsCompared' : 'tablesCompared']: result.tables.length,
        differentTables,
        differences,
        notCompared: result.notCompared,
      }),
    );
  }
  const { mode, modeReason, keptDatabase, dump, backup, warnings, tables, collections, leftOut } = result;
  const file = (/** @type {DumpReceipt | null} */ one) =>
    one === null ? null : `${one.dumpId} (${bytes(one.bytes)})`;
  return h(
    'div',
    {},
    warnings.map((warning) => h('p', { className: 'notice' }, warning)),
    fold(
      'Receipt',
      true,
      facts({
        mode,
        why: modeReason,
        largeObjects: receivedObjects(result.largeObjects),
        keptDatabase,
        keptRows: result.undoSchema ?? null,
        dump: file(dump),
        safetyCopy: file(backup),
      }),
    ),
    leftOut.length === 0 ? null : fold(`Left out (${leftOut.length})`, true, facts({ leftOut })),
    tables.length === 0
      ? null
      : fold(`Tables (${tables.length})`, false, table('Tables', tablesColumns, tables)),
    collections.length === 0
      ? null
      : fold('Search collections', true, table('Search collections', collectionColumns, collections)),
  );
}

/**
 * The target is compared with the source.
 *
 * @type {Readonly<Record<string, string>>}
 */
const changeWords = {
  'is missing': 'would vanish',
  'is too many': 'would appear',
  'is different': 'would change',
};
const plannedWords = { copy: 'replaced', keep: 'kept', empty: 'emptied' };
/** @type {Column<PlannedTable>[]} */
const plannedColumns = [
  ['Table', (row) => row.table],
  ['What happens', (row) => plannedWords[row.action]],
  ['Rows now', (row) => count(row.targetRows), true],
  ['Rows in the source', (row) => count(row.sourceRows), true],
  ['Inserted', (row) => count(row.rows?.insert ?? null), true],
  ['Updated', (row) => count(row.rows?.update ?? null), true],
  ['Deleted', (row) => count(row.rows?.delete ?? null), true],
  ['Size', (row) => bytes(row.bytes), true],
];

/**
 * @param {PlannedLargeObjects} planned
 * @param {string} source
 * @param {string} target
 */
function plannedObjects({ action, sourceObjects, targetObjects, bytes: size }, source, target) {
  return `${plannedWords[action]}: ${count(sourceObjects)} in ${source} (${bytes(size)}), ${count(targetObjects)} in ${target}`;
}

/**
 * What a sync would do; `go` starts it, where nothing is in its way.
 *
 * @param {Plan} plan
 * @param {Listener} go
 */
export function planView(plan, go) {
  const {
    source,
    target,
    mode,
    modeReason,
    connections,
    sessions,
    tables,
    collections,
    targetBytesNeeded,
    dumpBytesNeeded,
  } = plan;
  const how = {
    mode,
    why: modeReason,
    'safety copy': plan.safety,
    'sessions ended': sessions.map(({ role, application }) => `${role} (${application})`),
    schema: plan.schemas === null ? null : `${plan.schemas.source} becomes ${plan.schemas.target}`,
    'left out': plan.leftOut,
    'large objects': plan.largeObjects === null ? null : plannedObjects(plan.largeObjects, source, target),
    search: collections.map((one) => `${one.name}: about ${count(one.documentsEstimated)} documents`),
    differences:
      plan.differences === null
        ? 'not shown: they hang on what is in the way'
        : plan.differences.map(({ name, difference }) => `${name} ${changeWords[difference] ?? difference}`),
    'room on the target server': bytes(targetBytesNeeded),
    connections: `up to ${connections.source} to ${source}, ${connections.target} to ${target}`,
    'room for dumps': bytes(dumpBytesNeeded),
  };
  return [
    h('h3', {}, `Plan: ${source} → ${target}`),
    ...plan.blockers.map(({ message, hint }) => h('p', { className: 'notice bad' }, `${message} ${hint}`)),
    ...plan.warnings.map((warning) => h('p', { className: 'notice' }, warning)),
    facts(how),
    table('What happens to each table', plannedColumns, tables),
    plan.blockers.length > 0 ? h('p', {}, 'This sync would fail, so it cannot be started.') : null,
    plan.blockers.length > 0
      ? null
      : h(
          'p',
          { className: 'actions' },
          h('button', { className: 'danger', onclick: go }, `Replace ${target} …`),
        ),
  ].filter((part) => part !== null);
}

/**
 * `title` without what it counts names the fold, which stays as its reader left it when it is drawn again.
 *
 * @param {string} title
 * @param {boolean} open
 * @param {Parts} content
 */
function fold(title, open, content) {
  const details = h('details', { open }, h('summary', {}, h('strong', {}, title)), content);
  details.dataset['name'] = title.replace(/ \(.*/, '');
  return details;
}

/** @param {readonly JobLogLine[]} log */
function logLines(log) {
  const lines = log.map(({ at, level, message }) => h('div', {}, time(at), ` ${level} ${message}`));
  return fold(`Log (${log.length})`, false, h('div', { role: 'log', 'aria-live': 'off' }, lines));
}

/**
 * Who undid it, or why it cannot be undone any more; else the button, and what it would take along.
 *
 * @param {ShownJob} job
 * @param {Listener} undo
 */
function undoView({ undo: order, target }, undo) {
  // Nothing that could be undone, or not known yet.
  if (!order) return [];
  const { undoneBy, gone, note } = order;
  if (undoneBy !== null) return [h('p', {}, 'Undone by ', h('a', { href: `#${undoneBy}` }, undoneBy), '.')];
  if (gone.length > 0) return [h('p', {}, `It can no longer be undone. ${gone.join(' ')}`)];
  return [
    note === null ? null : h('p', { className: 'quiet' }, note),
    h('button', { className: 'danger', onclick: undo }, `Undo on ${target} …`),
  ];
}

/**
 * @param {ShownJob} job
 * @param {JobState} state
 * @param {boolean} ended
 * @param {Actions} actions
 */
function buttons(job, state, ended, { cancel, undo, again }) {
  const disabled = state === 'cancelling';
  const shown = ended
    ? [...undoView(job, undo), h('button', { onclick: again }, 'Run again')]
    : [
        h('button', { className: 'danger', onclick: cancel, disabled }, 'Cancel this run'),
        job.target === null
          ? null
          : h(
              'span',
              { className: 'quiet' },
              `If it is cancelled before the switch, ${job.target} stays as it was.`,
            ),
      ];
  return h('p', { className: 'actions' }, shown);
}
