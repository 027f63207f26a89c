/**
 * Types of the API for the page, from the OpenAPI document that the service shows: what the document does not say, the
 * page cannot use. Covers what zod writes of our schemas, and fails where that is something new.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** @param {string} output the folder that tsc has filled */
export async function writeApiTypes(output) {
  const load = (file) => import(pathToFileURL(join(output, 'http', file)).href);
  const [{ openApiDocument }, { routes }] = await Promise.all([load('openapi.js'), load('routes.js')]);
  writeFileSync(join(output, 'http', 'api-types.d.ts'), apiTypes(openApiDocument(routes, '')));
}

/** @param {any} document */
function apiTypes({ paths, components }) {
  const schemas = Object.entries(components.schemas).map(([name, schema]) => `${name}: ${typeOf(schema)};`);
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, one]) => {
      const { parameters, requestBody, responses } = one;
      return (
        `${JSON.stringify(`${method.toUpperCase()} ${path}`)}: { params: ${fields(parameters, 'path')}; ` +
        `query: ${fields(parameters, 'query')}; body: ${bodyOf(requestBody)}; answer: ${answerOf(responses)}; };`
      );
    }),
  );
  return `export interface Schemas {\n${schemas.join('\n')}\n}\n\nexport interface Operations {\n${operations.join('\n')}\n}\n`;
}

const fields = (parameters, place) =>
  objectOf(
    parameters
      .filter((one) => one.in === place)
      .map(({ name, required, schema }) => [name, required, typeOf(schema)]),
  );

const objectOf = (properties) =>
  `{ ${properties.map(([name, required, type]) => `${JSON.stringify(name)}${required ? '' : '?'}: ${type};`).join(' ')} }`;

const bodyOf = (body) =>
  body === undefined ? 'undefined' : typeOf(body.content['application/json']?.schema ?? {});

/** Of the answers that are no problem. */
function answerOf(responses) {
  const types = Object.entries(responses)
    .filter(([status]) => status.startsWith('2'))
    .map(([, { content = {} }]) => {
      const schema = content['application/json']?.schema;
      return schema === undefined ? 'null' : typeOf(schema);
    });
  return [...new Set(types)].join(' | ');
}

/** @param {any} schema of JSON Schema 2020-12 */
function typeOf(schema) {
  if (schema.$ref !== undefined) return `Schemas['${schema.$ref.split('/').at(-1)}']`;
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  const any = schema.anyOf ?? schema.oneOf;
  if (any !== undefined) return any.map((one) => `(${typeOf(one)})`).join(' | ');
  if (Array.isArray(schema.type))
    return schema.type.map((type) => `(${typeOf({ ...schema, type })})`).join(' | ');
  switch (schema.type) {
    case 'object':
      return typeOfObject(schema);
    case 'array':
      return `readonly (${typeOf(schema.items ?? {})})[]`;
    case 'string':
    case 'boolean':
    case 'null':
      return schema.type;
    case 'number':
    case 'integer':
      return 'number';
    case undefined:
      if (Object.keys(schema).every((key) => key === 'description')) return 'unknown';
  }
  throw new Error(`No type is known for ${JSON.stringify(schema)}.`);
}

function typeOfObject({ properties, required = [], additionalProperties }) {
  if (properties === undefined || Object.keys(properties).length === 0)
    return typeof additionalProperties === 'object'
      ? `Readonly<Record<string, ${typeOf(additionalProperties)}>>`
      : 'Readonly<Record<string, unknown>>';
  return objectOf(
    Object.entries(properties).map(([name, schema]) => [name, required.includes(name), typeOf(schema)]),
  );
}
