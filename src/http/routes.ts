import { dumpRoutes } from './dump-routes.ts';
import { environmentRoutes } from './environment-routes.ts';
import { jobRoutes } from './job-routes.ts';
import { openApiDocument } from './openapi.ts';
import type { Route } from './route.ts';
import { runRoutes } from './run-routes.ts';
import { serviceRoutes } from './service-routes.ts';

/** Every address of the API, in the order in which the documentation shows them. */
export const routes: readonly Route[] = [
  ...runRoutes,
  ...jobRoutes,
  ...environmentRoutes,
  ...dumpRoutes,
  ...serviceRoutes((version) => openApiDocument(routes, version)),
];
