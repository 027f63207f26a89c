/**
 * @typedef {Node | string | number | null | undefined} Part What an element may hold; null and undefined are nothing.
 */
/** @typedef {Part | readonly Parts[]} Parts */

/**
 * Builds an element; children are nodes or text, never markup, so nothing an answer holds can become code.
 *
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Readonly<Record<string, string | number | boolean | ((event: Event) => unknown)>>} [properties] `on…`: a
 *   listener; else what the element has under that name, or an attribute.
 * @param {...Parts} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === 'function') element.addEventListener(name.slice(2), value);
    else if (name in element && !name.startsWith('aria')) Reflect.set(element, name, value);
    else element.setAttribute(name, String(value));
  }
  element.append(...partsOf(children));
  return element;
}

/**
 * @param {Parts} parts
 * @returns {(Node | string)[]}
 */
function partsOf(parts) {
  if (parts === null || parts === undefined) return [];
  if (typeof parts === 'string' || parts instanceof Node) return [parts];
  return typeof parts === 'number' ? [String(parts)] : parts.flatMap(partsOf);
}

/**
 * Elements of index.html that are more than an HTMLElement.
 *
 * @typedef {{
 *   confirm: HTMLDialogElement, 'confirm-form': HTMLFormElement, 'confirm-input': HTMLInputElement,
 *   'confirm-go': HTMLButtonElement, 'confirm-cancel': HTMLButtonElement, key: HTMLInputElement,
 *   'key-form': HTMLFormElement, source: HTMLSelectElement, target: HTMLSelectElement, search: HTMLInputElement,
 *   'sync-form': HTMLFormElement, more: HTMLButtonElement,
 * }} Special
 */

/**
 * An element that the page has.
 *
 * @template {string} I
 * @param {I} id
 * @returns {I extends keyof Special ? Special[I] : HTMLElement}
 */
export function byId(id) {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`The page has no element "${id}".`);
  return /** @type {any} */ (found);
}

const numbers = new Intl.NumberFormat('en');
/** @type {(value: number | null) => string} */
export const count = (value) => (value === null ? '–' : numbers.format(value));

/**
 * @param {number | null} value
 * @returns {string}
 */
export function bytes(value) {
  if (value === null) return '–';
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, value < 1 ? 0 : Math.floor(Math.log10(value) / 3));
  return `${(value / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}

/**
 * Exact: `1 h 02 min 03 s`.
 *
 * @param {number} ms
 */
export function duration(ms) {
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const rest = `${String(Math.floor(seconds % 60)).padStart(2, '0')} s`;
  return hours > 0 ? `${hours} h ${String(minutes).padStart(2, '0')} min ${rest}` : `${minutes} min ${rest}`;
}

/**
 * Coarse on purpose: an estimate is no clock.
 *
 * @param {number | null} seconds
 */
export function eta(seconds) {
  if (seconds === null) return 'time left not known yet';
  if (seconds < 60) return 'less than a minute left';
  if (seconds < 90 * 60) return `about ${Math.round(seconds / 60)} min left`;
  return `about ${Math.round(seconds / 3600)} h left`;
}

/** @param {number} ms */
export const time = (ms) =>
  h(
    'time',
    { dateTime: new Date(ms).toISOString(), title: new Date(ms).toISOString() },
    new Date(ms).toLocaleString(),
  );

/** @type {Readonly<Record<import('../src/progress/progress.ts').JobState | 'waiting', string>>} */
export const stateWords = {
  queued: 'Waiting',
  waiting: 'waiting',
  running: 'Running',
  cancelling: 'Cancelling',
  done: 'Done',
  failed: 'Failed',
  cancelled: 'Cancelled',
};

/** @param {keyof typeof stateWords} state */
export const badge = (state) => h('span', { className: `badge ${state}` }, stateWords[state] ?? state);

/**
 * @template R
 * @typedef {readonly [title: string, cell: (row: R) => Parts, isNumber?: boolean]} Column
 */

/**
 * @template R
 * @param {string} caption
 * @param {readonly Column<R>[]} columns
 * @param {readonly R[]} rows
 */
export function table(caption, columns, rows) {
  const head = columns.map(([title, , number]) =>
    h('th', { scope: 'col', className: number ? 'number' : '' }, title),
  );
  const body = rows.map((row) =>
    h(
      'tr',
      {},
      columns.map(([, cell, number]) => h('td', { className: number ? 'number' : '' }, cell(row))),
    ),
  );
  return h(
    'div',
    { className: 'wide', tabIndex: 0, role: 'region', 'aria-label': caption },
    h(
      'table',
      {},
      h('caption', { className: 'spoken' }, caption),
      h('thead', {}, h('tr', {}, head)),
      h('tbody', {}, body),
    ),
  );
}

/** @param {string} key */
const words = (key) => {
  const text = key.replaceAll(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
  return text.slice(0, 1).toUpperCase() + text.slice(1);
};

/**
 * Shows plain JSON as a list of facts: this page need not know every field of a test's answer.
 *
 * @param {unknown} value
 * @param {string} [name]
 * @returns {Node | string}
 */
export function facts(value, name = '') {
  if (value === null || value === undefined) return '–';
  if (typeof value === 'number') return /bytes/i.test(name) ? bytes(value) : count(value);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value))
    return value.length === 0
      ? 'none'
      : h(
          'ul',
          {},
          value.map((part) => h('li', {}, facts(part))),
        );
  if (typeof value === 'string') return value;
  return h(
    'dl',
    {},
    Object.entries(value).flatMap(([key, part]) => [h('dt', {}, words(key)), h('dd', {}, facts(part, key))]),
  );
}
