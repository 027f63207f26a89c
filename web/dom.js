/** Builds an element; children are nodes or text, never markup, so nothing an answer holds can become code. */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name in element && !name.startsWith('aria')) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

export const byId = (id) => document.getElementById(id);

const numbers = new Intl.NumberFormat('en');
export const count = (value) => (value === null ? '–' : numbers.format(value));

export function bytes(value) {
  if (value === null) return '–';
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, value < 1 ? 0 : Math.floor(Math.log10(value) / 3));
  return `${(value / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}

/** Exact: `1 h 02 min 03 s`. */
export function duration(ms) {
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const rest = `${String(Math.floor(seconds % 60)).padStart(2, '0')} s`;
  return hours > 0 ? `${hours} h ${String(minutes).padStart(2, '0')} min ${rest}` : `${minutes} min ${rest}`;
}

/** Coarse on purpose: an estimate is no clock. */
export function eta(seconds) {
  if (seconds === null) return 'time left not known yet';
  if (seconds < 60) return 'less than a minute left';
  if (seconds < 90 * 60) return `about ${Math.round(seconds / 60)} min left`;
  return `about ${Math.round(seconds / 3600)} h left`;
}

export const time = (ms) =>
  h(
    'time',
    { dateTime: new Date(ms).toISOString(), title: new Date(ms).toISOString() },
    new Date(ms).toLocaleString(),
  );

export const stateWords = {
  queued: 'Waiting',
  waiting: 'waiting',
  running: 'Running',
  cancelling: 'Cancelling',
  done: 'Done',
  failed: 'Failed',
  cancelled: 'Cancelled',
};

export const badge = (state) => h('span', { className: `badge ${state}` }, stateWords[state] ?? state);

/** `columns`: [title, cell of a row, is a number]. */
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

const words = (key) => {
  const text = key.replaceAll(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
  return text[0].toUpperCase() + text.slice(1);
};

/** Shows plain JSON as a list of facts: this page need not know every field of a test's answer. */
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
  if (typeof value !== 'object') return String(value);
  return h(
    'dl',
    {},
    Object.entries(value).flatMap(([key, part]) => [h('dt', {}, words(key)), h('dd', {}, facts(part, key))]),
  );
}
