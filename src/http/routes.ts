import { dumpRoutes } from './dump-routes.ts';
import { environmentRoutes } from './environment-routes.ts';
import { keptRoutes } from './kept-routes.ts';
import { jobRoutes } from './job-routes.ts';
import { openApiDocument } from './openapi.ts';
import type { Route } from './route.ts';
import { noticeRoutes } from './notice-routes.ts';
import { rehearsalRoutes } from './rehearsal-routes.ts';
import { runRoutes } from './run-routes.ts';
import { scheduleRoutes } from './schedule-routes.ts';
import { tokenRoutes } from './token-routes.ts';
import { serviceRoutes } from './service-routes.ts';

/** The document takes some 20 ms of the process that runs the jobs: it is made once, not for everybody who asks. */
function onceEach(make: (version: string) => string): (version: string) => string {
  const made = new Map<string, string>();
  return (version) => {
    const text = made.get(version) ?? make(version);
    made.set(version, text);
    return text;
  };
}

/** Every address of the API, in the order in which the documentation shows them. */
export const routes: readonly Route[] = [
  ...runRoutes,
  ...jobRoutes,
  ...environmentRoutes,
  ...dumpRoutes,
  ...keptRoutes,
  ...rehearsalRoutes,
  ...scheduleRoutes,
  ...noticeRoutes,
  ...tokenRoutes,
  ...serviceRoutes(onceEach((version) => JSON.stringify(openApiDocument(routes, version)))),
];
