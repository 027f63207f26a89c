/** The page: `web` made into the few files that the service hands out (docs/page.md). */
import { join } from 'node:path';
import tailwind from '@tailwindcss/vite';
import { build } from 'vite';

/**
 * @param {string} root the repository
 * @param {string} outDir
 */
export async function buildPage(root, outDir) {
  await build({
    configFile: false,
    root: join(root, 'web'),
    // Whatever path a proxy puts before the service: everything is found from where the page is.
    base: './',
    logLevel: 'warn',
    plugins: [tailwind()],
    build: {
      outDir,
      emptyOutDir: false,
      // The policy allows no inline data.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
      // What the page weighs in all, a test holds.
      chunkSizeWarningLimit: 1_000,
      rolldownOptions: {
        checks: { bundlerTimings: false },
        // "use client" means something on a server that draws pages; here there is none.
        onLog: (level, log, handle) => {
          if (log.code !== 'MODULE_LEVEL_DIRECTIVE') handle(level, log);
        },
      },
    },
    worker: { format: 'es' },
  });
}
