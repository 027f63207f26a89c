import { createRequire } from 'node:module';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { expect } from 'vitest';

/** Without motion, so that nothing is measured on its way to another colour. */
export const desk: BrowserContextOptions = {
  viewport: { width: 1280, height: 900 },
  reducedMotion: 'reduce',
};
export const phone: BrowserContextOptions = {
  viewport: { width: 390, height: 844 },
  isMobile: true,
  hasTouch: true,
  reducedMotion: 'reduce',
};

/** Where pictures of the pages go; none are made without it. */
const picturesDirectory = process.env['PAGE_PICTURES'] ?? null;

/** A picture of the page as it stands, for people to look at. */
export async function picture(page: Page, name: string): Promise<void> {
  if (picturesDirectory === null) return;
  await mkdir(picturesDirectory, { recursive: true });
  await page.waitForTimeout(300);
  await page.screenshot({ path: join(picturesDirectory, `${name}.png`) });
}

interface Found {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
  }[];
}

let axeSource: string | null = null;

/** What axe finds against WCAG 2.2 AA on the page as it stands: nothing. */
export async function expectAccessible(page: Page, state: string): Promise<void> {
  axeSource ??= await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  if (!(await page.evaluate<boolean>('"axe" in globalThis'))) await page.evaluate(axeSource);
  const found = await page.evaluate<Found>(
    'axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] })',
  );
  const faults = found.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary ?? ''}`),
  );
  expect({ state, faults }).toEqual({ state, faults: [] });
}

/** Nothing is wider than the phone, and what is touched is large enough for a thumb. */
export async function expectFitsThumb(page: Page, state: string): Promise<void> {
  const { wide, small } = await page.evaluate<{ wide: number; small: string[] }>(`({
    wide: document.documentElement.scrollWidth - innerWidth,
    small: [...document.querySelectorAll('main button, main select, main a.button, nav a')]
      .filter((one) => one.checkVisibility() && one.offsetHeight < 44 && one.closest('[role=columnheader]') === null)
      .map((one) => one.outerHTML.slice(0, 120)),
  })`);
  expect({ state, wide: Math.max(0, wide), small }).toEqual({ state, wide: 0, small: [] });
}
