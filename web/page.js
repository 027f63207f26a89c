import { api, follow, hasKey, isLink, openByLink, Problem, setKey } from './api.js';
import { badge, byId, facts, h, stateWords, time } from './dom.js';
import { jobTitle, planView, runView } from './run.js';

/** @import { EnvironmentsAnswer, JobAnswer, JobsAnswer, LogsAnswer } from '../src/http/answers.ts' */
/** @import { JobLogLine } from '../src/jobs/job-log-lines.ts' */
/** @import { Plan, PlanInput } from '../src/sync/contract/plan.ts' */

/** @typedef {EnvironmentsAnswer['environments'][number]} Environment */

const protectionWords = {
  protected: 'Protected: its name must be typed',
  open: 'Open: may be replaced',
  'source-only': 'Source only: never replaced',
};
/** More are in the job’s log; the page stays quick. */
const logLinesMax = 500;
/**
 * What the page shows at the moment. `recent`: the newest jobs.
 *
 * @type {{
 *   job: JobAnswer | null, log: Map<string, JobLogLine>, watching: AbortController | null,
 *   environments: readonly Environment[], recent: JobsAnswer['jobs'], spoken: string,
 * }}
 */
const shown = { job: null, log: new Map(), watching: null, environments: [], recent: [], spoken: '' };

/**
 * Says what went wrong where everyone sees it; asks for the key when that is what is missing.
 *
 * @param {unknown} error
 */
function tell(error) {
  if (error instanceof Problem && error.status === 401) {
    for (const section of document.querySelectorAll('main > section'))
      section.toggleAttribute('hidden', section.id !== 'key-section');
    byId('key').focus();
    // Who has just come has done nothing wrong.
    if (!hasKey() && !error.ofLink) return;
  }
  const text = error instanceof Problem ? `${error.message} ${error.hint}` : 'The service cannot be reached.';
  notice(text, true);
}

/** @param {string} text */
function notice(text, bad = false) {
  byId('notice').hidden = text === '';
  byId('notice').className = bad ? 'notice bad' : 'notice';
  byId('notice').textContent = text;
}

/**
 * Wraps a handler: its failure is told, and the button cannot be pressed twice meanwhile.
 *
 * @param {() => unknown} work
 * @returns {(event?: Event) => Promise<void>}
 */
const act = (work) => async (event) => {
  event?.preventDefault();
  const button = event instanceof SubmitEvent ? event.submitter : event?.currentTarget;
  if (button instanceof HTMLButtonElement) button.disabled = true;
  try {
    notice('');
    await work();
  } catch (error) {
    tell(error);
  } finally {
    if (button instanceof HTMLButtonElement) button.disabled = false;
  }
};

/**
 * Asks for the target's name; resolves to it, or to null. Escape and Enter too early keep everything.
 *
 * @param {string} title
 * @param {string} text
 * @param {string} verb
 * @param {string} name
 * @returns {Promise<string | null>}
 */
function confirmed(title, text, verb, name) {
  const dialog = byId('confirm');
  const input = byId('confirm-input');
  const go = byId('confirm-go');
  byId('confirm-title').textContent = title;
  byId('confirm-text').textContent = text;
  byId('confirm-name').textContent = name;
  go.textContent = verb;
  go.disabled = true;
  input.value = '';
  input.oninput = () => {
    go.disabled = input.value !== name;
  };
  byId('confirm-form').onsubmit = (event) => {
    if (input.value === name) dialog.close(name);
    event.preventDefault();
  };
  byId('confirm-cancel').onclick = () => dialog.close('');
  dialog.returnValue = '';
  dialog.showModal();
  input.focus();
  return new Promise((resolve) => {
    dialog.onclose = () => resolve(dialog.returnValue === name ? name : null);
  });
}

function drawEnvironments() {
  const card = (/** @type {Environment} */ { name, protection, database, search }) => {
    const result = h('div', { role: 'status' });
    const test = act(async () => {
      result.replaceChildren('Testing …');
      try {
        result.replaceChildren(facts(await api('POST', `api/environments/${name}/test`)));
      } catch (error) {
        result.replaceChildren(error instanceof Error ? error.message : String(error));
        throw error;
      }
    });
    return h(
      'li',
      {},
      h('h3', {}, name),
      h('p', {}, h('span', { className: `badge ${protection}` }, protectionWords[protection])),
      h(
        'p',
        { className: 'quiet' },
        `${database.host}:${database.port}/${database.name}, ${search ? 'with search' : 'no search'}`,
      ),
      h('button', { onclick: test, 'aria-label': `Test ${name}` }, 'Test'),
      result,
    );
  };
  const none = h('li', {}, 'None yet. Set NAME_DATABASE_URL for each database and start the service again.');
  byId('environments').replaceChildren(
    ...(shown.environments.length === 0 ? [none] : shown.environments.map(card)),
  );
}

function drawTargets() {
  const source = byId('source').value;
  const before = byId('target').value;
  const targets = shown.environments.filter(
    ({ name, protection }) => name !== source && protection !== 'source-only',
  );
  byId('target').replaceChildren(
    ...targets.map(({ name }) => h('option', { value: name, selected: name === before }, name)),
  );
  drawSearch();
}

function drawSearch() {
  const { search = false } = shown.environments.find(({ name }) => name === byId('target').value) ?? {};
  byId('search').closest('label')?.toggleAttribute('hidden', !search);
  byId('plan').hidden = true;
}

async function showPlan() {
  const input = {
    source: byId('source').value,
    target: byId('target').value,
    ...(byId('search').checked ? {} : { search: false }),
  };
  byId('plan').hidden = false;
  byId('plan').replaceChildren(h('p', {}, 'Reading both databases …'));
  try {
    /** @type {Plan} */
    const plan = await api('POST', 'api/plan', input);
    byId('plan').replaceChildren(
      ...planView(
        plan,
        act(() => startSync(input)),
      ),
    );
  } catch (error) {
    byId('plan').hidden = true;
    throw error;
  }
}

/** @param {PlanInput} input */
async function startSync(input) {
  const text =
    `Everything in ${input.target} is replaced by the data of ` +
    `${input.source}. The old state is kept for undo.`;
  const confirm = await confirmed(`Replace ${input.target}?`, text, `Replace ${input.target}`, input.target);
  if (confirm === null) return;
  const { id } = await api('POST', 'api/sync', { ...input, confirm });
  byId('plan').hidden = true;
  location.hash = id;
}

/**
 * Buttons of the job that is shown.
 *
 * @param {(job: JobAnswer) => Promise<void>} work
 */
const actOnJob = (work) =>
  act(async () => {
    if (shown.job !== null) await work(shown.job);
  });

const runActions = {
  cancel: actOnJob(async (job) => {
    shown.job = { ...job, ...(await api('POST', `api/jobs/${job.id}/cancel`)) };
    drawRun();
  }),
  undo: actOnJob(async ({ id, target, undo }) => {
    // Nothing that could be undone.
    if (target === null || undo === null) return;
    const confirm = await confirmed(
      `Undo on ${target}?`,
      `${target} gets back what it held before this run. ${undo.note ?? ''}`.trim(),
      'Undo',
      target,
    );
    // What goes along has been said.
    const passOver = undo.overtakenBy.length > 0 ? { passOver: true } : {};
    const body = { confirm, ...passOver };
    if (confirm !== null) location.hash = (await api('POST', `api/jobs/${id}/rollback`, body)).id;
  }),
  again: actOnJob(async (job) => {
    const { id, request, target } = job;
    // What replaces a target was confirmed when it was asked for.
    const replaces = 'confirm' in request.input;
    const confirm =
      replaces && target !== null
        ? await confirmed(`${jobTitle(job)} again?`, `${target} is replaced once more.`, 'Run again', target)
        : undefined;
    if (confirm !== null) location.hash = (await api('POST', `api/jobs/${id}/retry`, { confirm })).id;
  }),
};

/**
 * The run that a waiting job has to wait for: one at a time on a target. Null where none is known.
 *
 * @param {JobAnswer} job
 */
function aheadOf({ id, target, createdAt }) {
  const before = shown.recent.filter(
    (one) => one.target === target && one.id !== id && one.createdAt <= createdAt,
  );
  return before.find(({ state }) => state === 'running' || state === 'cancelling') ?? null;
}

function drawRun() {
  const { job, log } = shown;
  byId('run').hidden = job === null;
  document.title = 'Multiboard Sync';
  if (job === null) return;
  // What a person opened, scrolled to or stands on outlives the drawing.
  const open = new Map(
    [...byId('run').querySelectorAll('details')].map((fold) => [fold.dataset['name'], fold.open]),
  );
  /** @returns {HTMLElement[]} */
  const focusable = () => [
    ...byId('run').querySelectorAll('button'),
    ...byId('run').querySelectorAll('summary'),
  ];
  const focus = focusable().findIndex((one) => one === document.activeElement);
  byId('run').replaceChildren(
    ...runView({ ...job, ahead: aheadOf(job) }, [...log.values()].slice(-logLinesMax), runActions),
  );
  for (const fold of byId('run').querySelectorAll('details'))
    fold.open = open.get(fold.dataset['name']) ?? fold.open;
  if (focus >= 0) focusable()[focus]?.focus();
  const state = job.progress?.state ?? job.state;
  if (job.progress !== null) document.title = `${Math.floor(job.progress.percent)} % ${jobTitle(job)}`;
  const step = job.progress?.steps.find((one) => one.state === 'running')?.title ?? '';
  const words = `${jobTitle(job)}: ${stateWords[state]}. ${step}`;
  if (words !== shown.spoken) byId('spoken').textContent = words;
  shown.spoken = words;
}

/** Shows the job the address names (`#id`), live. */
async function watch() {
  shown.watching?.abort();
  const id = location.hash.slice(1);
  const watching = new AbortController();
  Object.assign(shown, { job: null, log: new Map(), watching });
  drawRun();
  if (!/^[\w-]+$/.test(id)) return;
  const { signal } = watching;
  /** @type {JobAnswer} */
  const job = await api('GET', `api/jobs/${id}`);
  if (signal.aborted) return;
  shown.job = job;
  /**
   * A line can come by the stream and by the list: it is shown once.
   *
   * @param {Iterable<JobLogLine>} lines
   */
  const addLog = (lines) => {
    for (const line of lines) shown.log.set(`${line.at} ${line.message}`, line);
  };
  const readWhole = async () => {
    /** @type {JobAnswer} */
    const job = await api('GET', `api/jobs/${id}`);
    if (signal.aborted) return;
    shown.job = job;
    drawRun();
  };
  const readLog = async () => {
    /** @type {LogsAnswer} */
    const { lines } = await api('GET', `api/jobs/${id}/logs`);
    if (signal.aborted) return;
    const streamed = shown.log.values();
    shown.log = new Map();
    addLog(lines);
    addLog(streamed);
    drawRun();
  };
  await drawHistory();
  if (signal.aborted) return;
  drawRun();
  byId('run').scrollIntoView({ block: 'nearest' });
  await follow(id, signal, {
    back: () => notice(''),
    lost: (seconds) =>
      notice(
        'The connection to the service is lost. The run goes on; its state is shown when the connection is ' +
          `back. Trying again in ${seconds} s.`,
      ),
    event: (news) => {
      const job = shown.job;
      if (job === null) return;
      if (news.name === 'progress') shown.job = { ...job, progress: news.data };
      if (news.name === 'job' || news.name === 'end') shown.job = { ...news.data, undo: job.undo };
      // The stream has cut a large receipt.
      if (news.name === 'end') void act(readWhole)();
      if (news.name === 'log') addLog([news.data]);
      // The stream holds what comes; what came before (also while the connection was lost) is read.
      if (news.name === 'job' || news.name === 'gap') void act(readLog)();
      drawRun();
      if (news.name === 'end') void act(() => drawHistory())();
    },
  });
}

/**
 * What became of a job's undo, where it is not to be had any more.
 *
 * @param {JobsAnswer['jobs'][number]} job
 */
function undoWord({ undo }) {
  if (undo?.undoneBy) return 'undone ';
  return (undo?.gone.length ?? 0) > 0 ? 'undo gone ' : '';
}

/** Of the calls of drawHistory: answers may come in another order than they were asked for. */
let latestDrawing = 0;

/** @param {string} [cursor] Of the page that is added; none draws the first one. */
async function drawHistory(cursor) {
  latestDrawing += 1;
  const drawing = latestDrawing;
  const further = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`;
  /** @type {JobsAnswer} */
  const page = await api('GET', `api/jobs?limit=20${further}`);
  // A later call draws newer answers.
  if (drawing !== latestDrawing) return;
  if (cursor === undefined) shown.recent = page.jobs;
  const lines = page.jobs.map((job) =>
    h(
      'li',
      {},
      h(
        'a',
        { href: `#${job.id}` },
        h('strong', {}, jobTitle(job)),
        h('span', {}, time(job.createdAt), ' ', undoWord(job), badge(job.state)),
      ),
    ),
  );
  if (cursor !== undefined) byId('history').append(...lines);
  else
    byId('history').replaceChildren(...(lines.length === 0 ? [h('li', {}, 'Nothing has run yet.')] : lines));
  const { nextCursor } = page;
  byId('more').hidden = nextCursor === null;
  byId('more').onclick = nextCursor === null ? null : act(() => drawHistory(nextCursor));
}

async function open() {
  /** @type {EnvironmentsAnswer} */
  const { environments } = await api('GET', 'api/environments');
  shown.environments = environments;
  byId('key-section').hidden = true;
  for (const id of ['start', 'environments-section', 'history-section']) byId(id).hidden = false;
  byId('source').replaceChildren(...shown.environments.map(({ name }) => h('option', { value: name }, name)));
  drawEnvironments();
  drawTargets();
  if (location.hash === '') await drawHistory();
  await watch();
}

byId('source').onchange = drawTargets;
byId('target').onchange = drawSearch;
byId('sync-form').onsubmit = act(showPlan);
byId('key-form').onsubmit = act(async () => {
  setKey(byId('key').value);
  byId('key').value = '';
  await open();
});
/** By the link in the address, where there is one; who is in already needs none. */
async function enter() {
  /** @type {unknown} */
  let refused = null;
  await openByLink().catch((error) => {
    refused = error;
  });
  try {
    await open();
  } catch (error) {
    throw refused ?? error;
  }
}

addEventListener('hashchange', (event) => {
  void act(() => (isLink() ? enter() : watch()))(event);
});
await act(enter)();
