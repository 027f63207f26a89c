import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { ReactNode } from 'react';
import { call, serviceUrl } from '../api/client.ts';
import { useTitle } from '../lib/use-title.ts';
import { Failure, Heading, Loading } from '../ui/basics.tsx';

interface Schema {
  readonly $ref?: string;
  readonly description?: string;
}

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly tags: readonly [string];
  readonly security?: readonly object[];
  readonly parameters: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly schema: Schema;
  }[];
  readonly requestBody?: { readonly content: { readonly 'application/json'?: { readonly schema: Schema } } };
  readonly responses: Readonly<
    Record<
      string,
      {
        readonly description: string;
        readonly content?: Readonly<Record<string, { readonly schema?: Schema }>>;
      }
    >
  >;
}

/** What this page shows of the service's own description. */
interface OpenApi {
  readonly info: { readonly description: string; readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
  readonly 'x-errors': readonly {
    readonly code: string;
    readonly status: number;
    readonly retry: string;
    readonly hint: string;
  }[];
}

/** The API as the service itself describes it; needs no other host, and no key. */
export function Docs(): ReactNode {
  useTitle('API');
  const { data, error } = useQuery({
    queryKey: ['openapi'],
    queryFn: ({ signal }) => call('GET /api/openapi.json', {}, { signal }),
    staleTime: Infinity,
  });
  const document_ = data as OpenApi | undefined;
  useJump(document_ !== undefined);
  return (
    <>
      <Heading aside={<a href={`${serviceUrl}api/openapi.json`}>OpenAPI 3.1</a>}>API</Heading>
      <Failure error={error} />
      {document_ === undefined ? error === null && <Loading /> : <Whole document={document_} />}
    </>
  );
}

function Whole({
  document: { info, paths, components, 'x-errors': errors },
}: {
  readonly document: OpenApi;
}): ReactNode {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, one]) => ({ path, method, one })),
  );
  const tags = [...new Set(operations.map(({ one }) => one.tags[0]))];
  return (
    <div className="space-y-8">
      <div className="max-w-prose space-y-2">
        <p>
          {info.description} Version {info.version}.
        </p>
        <p>
          Send the key as <code>Authorization: Bearer &lt;API_KEY&gt;</code>; a service without one keeps its
          key in its data directory. socket.io: connect with <code>{'auth: { token }'}</code>, send{' '}
          <code>{'job:subscribe { id }'}</code>, listen to <code>job</code>.
        </p>
      </div>
      {tags.map((tag) => (
        <section key={tag} className="space-y-2">
          <h2 className="text-lg font-semibold">{tag}</h2>
          {operations
            .filter(({ one }) => one.tags[0] === tag)
            .map((found) => (
              <OneOperation key={found.one.operationId} {...found} />
            ))}
        </section>
      ))}
      <section className="space-y-2">
        <h2 className="text-lg font-semibold">Schemas</h2>
        {Object.entries(components.schemas).map(([name, schema]) => (
          <Piece key={name} id={name} title={<code>{name}</code>}>
            <Json value={schema} />
          </Piece>
        ))}
      </section>
      <section className="space-y-2">
        <h2 className="text-lg font-semibold">Errors</h2>
        <ul className="card divide-line divide-y">
          {errors.map(({ code, status, retry, hint }) => (
            <li key={code} id={code} className="target:bg-accent-tint scroll-mt-4 px-4 py-3">
              <p className="flex flex-wrap gap-x-4">
                <code className="font-semibold">{code}</code>
                <span className="text-soft text-sm">
                  {status}, {retry === 'again' ? 'another try may help' : 'another try does not help'}
                </span>
              </p>
              <p className="text-sm">{hint}</p>
            </li>
          ))}
        </ul>
      </section>
    </div>
  );
}

function OneOperation({
  path,
  method,
  one,
}: {
  readonly path: string;
  readonly method: string;
  readonly one: Operation;
}): ReactNode {
  const body = one.requestBody?.content['application/json']?.schema;
  return (
    <Piece
      id={one.operationId}
      title={
        <>
          <code className="mr-3 font-semibold">
            <span className="text-accent">{method.toUpperCase()}</span> {path}
          </code>
          <span className="text-soft text-sm">{one.summary}</span>
        </>
      }
    >
      {one.description !== undefined && <p>{one.description}</p>}
      {one.security?.length === 0 && <p className="text-soft">Needs no key.</p>}
      {one.parameters.length > 0 && (
        <ul className="list-disc space-y-1 pl-5">
          {one.parameters.map((parameter) => (
            <li key={parameter.name}>
              <code>{parameter.name}</code> ({parameter.in}
              {parameter.required === true ? '' : ', optional'}) {parameter.schema.description}
            </li>
          ))}
        </ul>
      )}
      {body !== undefined && (
        <div>
          <h3 className="font-medium">Body</h3>
          <SchemaView schema={body} />
        </div>
      )}
      <div>
        <h3 className="font-medium">Answers</h3>
        <ul className="space-y-2">
          {Object.entries(one.responses).map(([status, { description, content = {} }]) => {
            const [type, first] = Object.entries(content)[0] ?? [];
            return (
              <li key={status}>
                <code>{status}</code> {description}{' '}
                {first?.schema === undefined ? type : <SchemaView schema={first.schema} />}
              </li>
            );
          })}
        </ul>
      </div>
    </Piece>
  );
}

function Piece({
  id,
  title,
  children,
}: {
  readonly id: string;
  readonly title: ReactNode;
  readonly children: ReactNode;
}): ReactNode {
  return (
    <details id={id} className="card scroll-mt-4">
      <summary className="min-h-11 px-4 py-2.5">{title}</summary>
      <div className="border-line space-y-3 border-t px-4 py-4 text-sm">{children}</div>
    </details>
  );
}

function SchemaView({ schema }: { readonly schema: Schema }): ReactNode {
  const name = schema.$ref?.split('/').pop();
  return name === undefined ? <Json value={schema} /> : <a href={`#${name}`}>{name}</a>;
}

const Json = ({ value }: { readonly value: object }): ReactNode => (
  <pre tabIndex={0} className="bg-sunk max-h-96 overflow-auto rounded-lg p-3">
    {JSON.stringify(value, null, 2)}
  </pre>
);

/** What is drawn by script is not found by the browser's own jump to the fragment. */
function useJump(ready: boolean): void {
  useEffect(() => {
    const jump = (): void => {
      const found = document.getElementById(location.hash.slice(1));
      if (found instanceof HTMLDetailsElement) found.open = true;
      found?.scrollIntoView();
    };
    if (ready) jump();
    addEventListener('hashchange', jump);
    return () => {
      removeEventListener('hashchange', jump);
    };
  }, [ready]);
}
