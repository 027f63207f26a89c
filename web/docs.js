import { byId, h, table } from './dom.js';

/** @typedef {{ $ref?: string, description?: string }} Schema */
/** @typedef {{ description: string, content?: Readonly<Record<string, { schema?: Schema }>> }} Answer */
/**
 * @typedef {{
 *   operationId: string, summary: string, description?: string, tags: readonly [string], security?: readonly object[],
 *   parameters: readonly { name: string, in: string, required?: boolean, schema: Schema }[],
 *   requestBody?: { content: { 'application/json': { schema: Schema } } }, responses: Readonly<Record<string, Answer>>,
 * }} Operation
 */
/** @typedef {{ code: string, status: number, retry: string, hint: string }} ErrorRow */
/**
 * What this page shows of src/http/openapi.ts.
 *
 * @typedef {{
 *   info: { description: string, version: string },
 *   paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>,
 *   components: { schemas: Readonly<Record<string, Schema>> }, 'x-errors': readonly ErrorRow[],
 * }} OpenApi
 */

/** Shows the service's own OpenAPI document; works without any other host. */
const response = await fetch('api/openapi.json');
/** @type {OpenApi} */
const { info, paths, components, 'x-errors': errors } = await response.json();

/** @param {string} name */
const link = (name) => h('a', { href: `#${name}` }, name);
/** @param {Schema} schema */
const anchorOf = (schema) => schema.$ref?.split('/').pop() ?? null;
/** @param {object} value */
const code = (value) => h('pre', { tabIndex: 0 }, JSON.stringify(value, null, 2));
/** @param {Schema} schema */
function schemaView(schema) {
  const anchor = anchorOf(schema);
  return anchor === null ? code(schema) : h('p', {}, link(anchor));
}

/** @param {Operation['responses']} responses */
function answers(responses) {
  const rows = Object.entries(responses).map(([status, { description, content = {} }]) => {
    const [first] = Object.entries(content);
    return { status, description, type: first?.[0], schema: first?.[1].schema };
  });
  return table(
    'Answers',
    [
      ['Status', (row) => row.status],
      ['Answer', (row) => row.description],
      ['Body', (row) => (row.schema === undefined ? (row.type ?? '–') : schemaView(row.schema))],
    ],
    rows,
  );
}

/** @param {readonly [path: string, method: string, one: Operation]} found */
function operation([path, method, one]) {
  const parameters = one.parameters.map((parameter) =>
    h(
      'li',
      {},
      h('code', {}, parameter.name),
      ` (${parameter.in}${parameter.required ? '' : ', optional'}) ${parameter.schema.description ?? ''}`,
    ),
  );
  const body = one.requestBody?.content['application/json'].schema;
  return h(
    'details',
    { id: one.operationId },
    h('summary', {}, h('code', {}, `${method.toUpperCase()} ${path}`), ` ${one.summary}`),
    one.description === undefined ? null : h('p', {}, one.description),
    one.security?.length === 0 ? h('p', { className: 'quiet' }, 'Needs no key.') : null,
    parameters.length === 0 ? null : h('ul', {}, parameters),
    body === undefined ? null : h('div', {}, h('h3', {}, 'Body'), schemaView(body)),
    answers(one.responses),
  );
}

const operations = Object.entries(paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, one]) => /** @type {const} */ ([path, method, one])),
);
const tags = [...new Set(operations.map(([, , one]) => one.tags[0]))];
/** @type {import('./dom.js').Column<ErrorRow>[]} */
const errorColumns = [
  ['Code', (row) => h('span', { id: row.code }, row.code)],
  ['Status', (row) => row.status, true],
  ['Try again', (row) => (row.retry === 'again' ? 'may help' : 'no')],
  ['What to do', (row) => row.hint],
];

byId('docs').replaceChildren(
  h('p', {}, info.description, ` Version ${info.version}.`),
  h(
    'p',
    {},
    'Send the key as ',
    h('code', {}, 'Authorization: Bearer <API_KEY>'),
    '; a service without one keeps its key in its data directory. socket.io: connect with ',
    h('code', {}, 'auth: { token }'),
    ', send ',
    h('code', {}, 'job:subscribe { id }'),
    ', listen to ',
    h('code', {}, 'job'),
    '.',
  ),
  ...tags.map((tag) =>
    h('section', {}, h('h2', {}, tag), operations.filter(([, , one]) => one.tags[0] === tag).map(operation)),
  ),
  h(
    'section',
    {},
    h('h2', {}, 'Schemas'),
    Object.entries(components.schemas).map(([name, schema]) =>
      h('details', { id: name }, h('summary', {}, name), code(schema)),
    ),
  ),
  h('section', {}, h('h2', {}, 'Errors'), table('Errors', errorColumns, errors)),
);

/** Elements drawn by script are not found by the browser's own jump to the fragment. */
function jump() {
  const found = document.getElementById(location.hash.slice(1));
  if (found instanceof HTMLDetailsElement) found.open = true;
  found?.scrollIntoView();
}
addEventListener('hashchange', jump);
jump();
