import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load-config.ts';
import { createLogger } from '../../src/http/request-log.ts';
import { startService } from '../../src/main.ts';
import type { RunningService } from '../../src/main.ts';
import { littleProduction, littleStaging } from '../harness/little-catalogue.ts';
import { lacks } from '../support/lacks.ts';
import { testDatabase } from '../support/postgres.ts';
import type { TestDatabase } from '../support/postgres.ts';
import { scratchDirectory } from '../support/scratch.ts';
import { launchBrowser } from './browser.ts';
import { desk, expectAccessible, expectFitsThumb, phone, picture } from './page-look.ts';

/** Every page that needs no run. */
const pages = [
  'sync',
  'runs',
  'dumps',
  'environments',
  'search',
  'schedules',
  'settings',
  'tools',
  'nowhere',
];
const logger = createLogger('error', { write: () => {} });

/** Nothing here is scripted: the service, its queue and the databases are those that people run. */
describe.skipIf(lacks('chromium'))('the page over real databases', () => {
  let directory: string;
  let production: TestDatabase;
  let staging: TestDatabase;
  let service: RunningService;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;

  beforeAll(async () => {
    directory = await scratchDirectory('page');
    production = await testDatabase('page_production');
    staging = await testDatabase('page_staging');
    await production.query(littleStaging);
    await staging.query(littleProduction);
    const wrong = new URL(production.url);
    wrong.pathname = '/nowhere';
    service = await startService(
      loadConfig({
        env: {
          PORT: '0',
          DATA_DIRECTORY: join(directory, 'data'),
          PRODUCTION_DATABASE_URL: production.url,
          PRODUCTION_PROTECTION: 'source-only',
          STAGING_DATABASE_URL: staging.url,
          BROKEN_DATABASE_URL: wrong.href,
          REQUESTS_PER_MINUTE: '10000',
        },
        cwd: directory,
      }),
      { logger, signals: false },
    );
    browser = await launchBrowser();
    context = await browser.newContext(desk);
    page = await context.newPage();
    page.setDefaultTimeout(30_000);
    await page.goto(service.pageLink());
    await page.waitForSelector('h1:has-text("Environments")');
  });
  afterAll(async () => {
    await browser.close();
    await service.stop({ force: true });
    const kept = await staging.query<{ name: string }>(
      'SELECT datname AS name FROM pg_database WHERE datname <> $1 AND starts_with(datname, $1)',
      [staging.name],
    );
    for (const { name } of kept) await production.query(`DROP DATABASE "${name}"`);
    await rm(directory, { recursive: true, force: true });
  });

  const partsOf = async (database: TestDatabase): Promise<string> => {
    const [row] = await database.query<{ parts: string }>(
      'SELECT md5(string_agg("Part"::text, \',\' ORDER BY "id")) AS parts FROM "Part"',
    );
    return row!.parts;
  };
  const undo = async (): Promise<void> => {
    const before = page.url();
    await page.click('button:has-text("Undo on staging …")');
    await page.fill('[data-confirm=name]', 'staging');
    await page.click('[data-confirm=go]');
    await page.waitForURL((url) => url.href !== before);
    await page.waitForSelector('[data-run=done] [data-undo=possible]');
  };

  it('by mouse: plan, sync, undo, and the undo of the undo', async () => {
    const [old, fresh] = [await partsOf(staging), await partsOf(production)];
    expect(old).not.toBe(fresh);
    await page.click('nav a:has-text("Sync")');
    await page.waitForSelector('h1:has-text("Sync"):focus');
    await page.locator('main select').first().selectOption('production');
    await page.locator('main select').nth(1).selectOption('staging');
    await page.click('button:has-text("Show the plan")');
    await page.waitForSelector('#plan-title');
    await expectAccessible(page, 'plan');
    await picture(page, 'plan-light');
    await page.click('button:has-text("Replace staging …")');
    await page.fill('[data-confirm=name]', 'staging');
    await picture(page, 'confirm-light');
    await page.click('[data-confirm=go]');
    await page.waitForSelector('[data-run=done] [data-undo=possible]');
    expect(await page.locator('.notice-good').textContent()).toContain('staging now equals production');
    expect(await partsOf(staging)).toBe(fresh);
    await expectAccessible(page, 'receipt');
    await picture(page, 'page');

    await undo();
    expect(await partsOf(staging)).toBe(old);
    await undo();
    expect(await partsOf(staging)).toBe(fresh);
  });

  it('by keyboard alone', async () => {
    await undo();
    await page.keyboard.press('g');
    await page.keyboard.press('s');
    await page.waitForSelector('h1:has-text("Sync"):focus');
    const tabTo = async (words: string): Promise<void> => {
      for (let tabs = 0; tabs < 60; tabs += 1) {
        await page.keyboard.press('Tab');
        const at = await page.evaluate<string>('document.activeElement.textContent');
        if (at === words) return;
      }
      throw new Error(`Tab never came to "${words}".`);
    };
    await tabTo('Show the plan');
    await page.keyboard.press('Enter');
    await page.waitForSelector('#plan-title:focus');
    await tabTo('Replace staging …');
    await page.keyboard.press('Enter');
    await page.waitForSelector('[data-confirm=name]:focus');
    await page.keyboard.type('staging');
    await page.keyboard.press('Enter');
    await page.waitForSelector('[data-run=done] [data-undo=possible]');
    expect(await partsOf(staging)).toBe(await partsOf(production));
  });

  it('says what is wrong where a database cannot be reached, in a plan and in a run', async () => {
    await page.goto(`${service.url}/sync?source=broken&target=staging`);
    await page.click('button:has-text("Show the plan")');
    await page.waitForSelector('.notice-bad:has-text("nowhere")');
    await page.goto(`${service.url}/tools`);
    const compare = page.locator('form[aria-label=Compare]');
    await compare.locator('select').first().selectOption('broken');
    await compare.locator('select').nth(1).selectOption('staging');
    await compare.locator('button').click();
    await page.waitForSelector('[data-run=failed]');
    await expectAccessible(page, 'failed');
    await picture(page, 'failed-light');
  });

  it('writes a dump, compares, and makes a schedule that it can stop, and a token', async () => {
    await page.goto(`${service.url}/tools`);
    const write = page.locator('form[aria-label="Write a dump"]');
    await write.locator('select').first().selectOption('production');
    await write.locator('button').click();
    await page.waitForSelector('[data-run=done]');
    await page.goto(`${service.url}/dumps`);
    const saved = page.waitForEvent('download');
    await page.click('ul[aria-label=Dumps] li:has-text("export") button:has-text("Download")');
    expect((await saved).suggestedFilename()).toMatch(/\.sql\.gz$/);
    await page.goto(`${service.url}/schedules`);
    const form = page.locator('form[aria-label="New schedule"]');
    await form.locator('select').nth(2).selectOption('production');
    await form.locator('select').nth(3).selectOption('staging');
    await form.getByLabel('Type staging').fill('staging');
    await form.locator('button').click();
    const card = page.locator('article[aria-label=nightly]');
    await card.locator('button:has-text("Pause")').click();
    await card.getByText('paused by a person').waitFor();
    await page.goto(`${service.url}/settings`);
    const token = page.locator('form[aria-label="New token"]');
    await token.getByLabel('Name').fill('watcher');
    await token.locator('button').click();
    const secret = (await token.locator('[data-secret]').textContent()) ?? '';
    const asked = await fetch(`${service.url}/api/jobs`, { headers: { Authorization: `Bearer ${secret}` } });
    expect(asked.status).toBe(200);
  });

  it('looks as it should on every page, in light, dark, and on a phone', async () => {
    await page.goto(service.url);
    await page.waitForSelector('article[aria-label=staging]:has-text("PostgreSQL")');
    const open = async (one: Page, path: string): Promise<void> => {
      await one.goto(`${service.url}/${path}`);
      await one.waitForSelector('h1');
      await expect.poll(() => one.locator('main .animate-spin').count(), { timeout: 20_000 }).toBe(0);
    };
    for (const path of ['', ...pages]) {
      const name = path === '' ? 'home' : path;
      await open(page, path);
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        await expectAccessible(page, `${name}, ${colorScheme}`);
        await picture(page, `${name}-${colorScheme}`);
      }
    }
    const hand = await browser.newContext(phone);
    const small = await hand.newPage();
    await small.goto(service.pageLink());
    await small.waitForSelector('h1:has-text("Environments")');
    for (const path of ['', ...pages]) {
      await open(small, path);
      await expectFitsThumb(small, path);
      await picture(small, `${path === '' ? 'home' : path}-phone`);
    }
    await hand.close();
  });
});
