import { z } from 'zod';
import { errorCatalogue } from '../errors/catalogue.ts';
import type { ErrorCode } from '../errors/catalogue.ts';
import { problemContentType, problemSchema } from './problem.ts';
import type { Answer, Route } from './route.ts';
import { httpStatus } from './status.ts';

type Json = Record<string, unknown>;

/** The OpenAPI 3.1 document of a route table; schemas with an id become components. */
export function openApiDocument(routes: readonly Route[], version: string): Json {
  const components: Json = {};
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    (paths[route.path] ??= {})[route.method] = operation(route, components);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Multiboard Sync',
      version,
      description:
        'Makes one PostgreSQL environment equal to another, proves it, and rebuilds its Typesense search. ' +
        'Every error is an RFC 9457 problem document with a `code` and a `hint`.',
    },
    servers: [{ url: '/' }],
    security: [{ apiKey: [] }],
    paths,
    components: {
      securitySchemes: {
        apiKey: {
          type: 'http',
          scheme: 'bearer',
          description:
            'API_KEY, the key that a service without one keeps in its data directory, or a named token.',
        },
      },
      schemas: components,
    },
    'x-errors': Object.entries(errorCatalogue).map(([code, { category, retry, hint }]) => ({
      code,
      status: httpStatus(code as ErrorCode),
      category,
      retry,
      hint,
    })),
  };
}

function operation(route: Route, components: Json): Json {
  const answers = Object.entries(route.answers).map(([status, answer]) => [
    status,
    answerObject(answer, components),
  ]);
  return {
    operationId: operationId(route),
    tags: [route.tag],
    summary: route.summary,
    ...(route.description === null ? {} : { description: route.description }),
    ...(route.access === 'open' ? { security: [] } : { 'x-scope': route.access }),
    parameters: [
      ...parameters('path', route.params, components),
      ...parameters('query', route.query, components),
    ],
    ...(route.body === null
      ? {}
      : {
          requestBody: {
            required: true,
            content: content(route.body, components, 'application/json', 'input'),
          },
        }),
    responses: {
      ...Object.fromEntries(answers),
      default: {
        description: 'A problem document.',
        content: content(problemSchema, components, problemContentType, 'output'),
      },
    },
  };
}

function answerObject({ description, schema, contentType }: Answer, components: Json): Json {
  if (schema !== undefined) {
    return { description, content: content(schema, components, 'application/json', 'output') };
  }
  return contentType === undefined ? { description } : { description, content: { [contentType]: {} } };
}

function parameters(place: 'path' | 'query', schema: z.ZodType | null, components: Json): Json[] {
  if (schema === null) return [];
  const { properties = {}, required = [] } = jsonSchema(schema, components, 'output') as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    // A default counts as present after parsing, yet nobody has to send it.
    required: place === 'path' || (required.includes(name) && !('default' in property)),
    schema: property,
  }));
}

function content(schema: z.ZodType, components: Json, type: string, io: 'input' | 'output'): Json {
  return { [type]: { schema: jsonSchema(schema, components, io) } };
}

/** JSON Schema 2020-12 (OpenAPI 3.1's own); definitions move to the components, and references follow them. */
function jsonSchema(schema: z.ZodType, components: Json, io: 'input' | 'output'): Json {
  const text = JSON.stringify(
    z.toJSONSchema(schema, {
      io,
      reused: 'inline',
      // zod says it of values that our code does not change; in OpenAPI it is what a request must not hold.
      override: ({ jsonSchema: made }) => {
        delete made.readOnly;
      },
    }),
  );
  const {
    $schema: _,
    $defs,
    ...rest
  } = JSON.parse(text.replaceAll('"#/$defs/', '"#/components/schemas/')) as Json;
  for (const [name, definition] of Object.entries(($defs ?? {}) as Json)) {
    const { id: _id, ...own } = definition as Json;
    components[name] = own;
  }
  const { id } = rest;
  if (typeof id !== 'string') return rest;
  const { id: _id, ...own } = rest;
  components[id] = own;
  return { $ref: `#/components/schemas/${id}` };
}

/** `post /api/jobs/{id}/cancel` → `postJobsIdCancel`. */
function operationId({ method, path }: Route): string {
  const words = path
    .replace(/^\/api\//, '/')
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '');
  return method + words.map((word) => word[0]?.toUpperCase() + word.slice(1)).join('');
}
