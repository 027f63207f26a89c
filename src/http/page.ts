import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import express from 'express';
import type { RequestHandler, Router } from 'express';
import { SyncError } from '../errors/sync-error.ts';
import { pageAddresses } from './page-addresses.ts';

/** The page as the build makes it; the same place seen from `src/http`, `dist/http` and `dist/chunks`. */
const pageDirectory = fileURLToPath(new URL('../../dist/web/', import.meta.url));

/** Names of files change with what is in them. */
const assetsMaxAge = '1y';

/**
 * The page's files, and the page at each of its addresses. An address that is none gets the page too, which says so,
 * where a browser asks; a program gets the problem document.
 */
export function servePage(): Router {
  const router = express.Router();
  const assets = join(pageDirectory, 'assets');
  router.use(
    '/assets',
    express.static(assets, { immutable: true, maxAge: assetsMaxAge, redirect: false, index: false }),
  );
  router.get('/icon.svg', (_request, response) => {
    response.sendFile('icon.svg', { root: pageDirectory });
  });
  router.get([...pageAddresses], page(200));
  const unknown = page(404);
  router.get('/{*unknown}', (request, response, next) => {
    const wantsPage = !/^\/(api|assets)\//.test(request.path) && request.accepts(['json', 'html']) === 'html';
    return wantsPage ? unknown(request, response, next) : next();
  });
  return router;
}

/**
 * Files are named from where the page is: so it works below any path that a proxy puts before the service. Read each
 * time, as a build may put new files in the place of the old ones.
 */
function page(status: number): RequestHandler {
  return async (request, response) => {
    const document = await readDocument();
    const up = '../'.repeat(request.path.split('/').length - 2);
    response
      .status(status)
      .set('Cache-Control', 'no-cache')
      .type('html')
      .send(document.replaceAll('="./', `="${up === '' ? './' : up}`));
  };
}

async function readDocument(): Promise<string> {
  try {
    return await readFile(join(pageDirectory, 'index.html'), 'utf8');
  } catch (error) {
    throw new SyncError('USAGE_NOT_FOUND', 'The page is not built.', {
      hint: 'Build it: npm run build.',
      cause: error,
    });
  }
}
