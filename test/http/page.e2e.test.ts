import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { SyncError } from '../../src/errors/sync-error.ts';
import type { Plan } from '../../src/sync/contract/plan.ts';
import type { UndoOutlook } from '../../src/sync/undo/undo-outlook.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { lacks } from '../support/lacks.ts';
import { launchBrowser } from './browser.ts';
import { startCountingProxy } from './counting-proxy.ts';
import { planOf, planted, startTestService } from './harness.ts';
import type { TestService } from './harness.ts';
import { desk, expectAccessible, expectFitsThumb, phone, picture } from './page-look.ts';
import { scriptedRun } from './scripted-run.ts';
import type { ScriptedJob } from './scripted-run.ts';

const gzippedMaxBytes = 220_000;
const many = 2_000;

/** The same plan for a database with very many tables. */
function manyTables(plan: Plan): Plan {
  const [first] = plan.tables;
  const tables = Array.from({ length: many }, (_, index) => ({
    ...first!,
    table: `public.t${String(index).padStart(4, '0')}`,
    sourceRows: index,
  }));
  return { ...plan, tables };
}

describe.skipIf(lacks('chromium'))('the page', () => {
  const script = scriptedRun();
  /** Messages of the browser's console: a blocked script or style (CSP) shows there. */
  const complaints: string[] = [];
  let service: TestService;
  let browser: Browser;
  const pages: Page[] = [];
  const open = { undoneBy: null, overtakenBy: [], lacks: [], gone: [], notes: [] };
  const orders = new Map<string, UndoOutlook>();

  beforeAll(async () => {
    service = await startTestService({
      run: script.run,
      deps: {
        undo: { outlook: async (id) => orders.get(id) ?? open, outlooks: async () => orders },
        plan: async ({ source, target }) =>
          target === 'dev' ? manyTables(planOf(source, target)) : planOf(source, target),
      },
    });
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await service.stop();
  });
  afterEach(async () => {
    for (const page of pages.splice(0)) await page.context().close();
  });

  function watched(page: Page): Page {
    page.setDefaultTimeout(10_000);
    pages.push(page);
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    return page;
  }

  async function openPage(options: BrowserContextOptions = desk, url = service.url): Promise<Page> {
    const page = watched(await (await browser.newContext(options)).newPage());
    await page.goto(url);
    await page.fill('input[type=password]', planted.apiKey);
    await page.keyboard.press('Enter');
    await page.waitForSelector('h1:has-text("Environments")');
    return page;
  }

  const baseOf = (page: Page): string => new URL(page.url()).origin;

  async function openPlan(page: Page): Promise<void> {
    await page.goto(`${baseOf(page)}/sync?source=production&target=staging`);
    await page.click('button:has-text("Show the plan")');
    await page.waitForSelector('#plan-title');
  }

  async function startSync(page: Page): Promise<ScriptedJob> {
    await openPlan(page);
    await page.click('button:has-text("Replace staging …")');
    await page.fill('[data-confirm=name]', 'staging');
    await page.keyboard.press('Enter');
    const job = await script.next();
    await page.waitForURL(`**/runs/${job.jobId}`);
    return job;
  }

  const bar = (percent: number): string => `main [role=progressbar][aria-valuenow="${percent}"]`;
  const ended = (state: string): string => `[data-run=${state}]`;

  it('is small enough for a slow line, and asks no other host', async () => {
    const folder = join(import.meta.dirname, '../../dist/web');
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
    const sizes = files.map((one) => gzipSync(readFileSync(join(one.parentPath, one.name))).length);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(gzippedMaxBytes);

    const page = watched(await (await browser.newContext(desk)).newPage());
    const hosts = new Set<string>();
    page.on('request', (request) => hosts.add(new URL(request.url()).host));
    await page.goto(`${service.url}/docs`);
    await page.click('#postSync summary');
    expect(await page.locator('#postSync').textContent()).toContain('confirm');
    await expectAccessible(page, 'API');
    expect([...hosts]).toEqual([new URL(service.url).host]);
  });

  it('asks for the key, keeps it out of the address, and refuses a wrong one', async () => {
    const page = watched(await (await browser.newContext(desk)).newPage());
    await page.goto(service.url);
    await page.waitForSelector('input[type=password]:focus');
    expect(await page.locator('[role=alert]').count()).toBe(0);
    await expectAccessible(page, 'sign in');
    await picture(page, 'sign-in');
    await page.fill('input[type=password]', 'wrong');
    await page.keyboard.press('Enter');
    await page.waitForSelector('[role=alert]');
    expect(await page.locator('h1').textContent()).toBe('Sign in');
    await page.fill('input[type=password]', planted.apiKey);
    await page.keyboard.press('Enter');
    await page.waitForSelector('h1:has-text("Environments")');
    expect(page.url()).not.toContain(planted.apiKey);
    await page.reload();
    await page.waitForSelector('h1:has-text("Environments")');
  });

  it('opens by a link once, for every tab of the browser, and leaves nothing of it in the address', async () => {
    const { json } = await service.call('POST', '/api/page-link', { body: {} });
    const context = await browser.newContext(desk);
    const sent: string[] = [];
    const openLink = async (hash: string): Promise<Page> => {
      const page = watched(await context.newPage());
      page.on('request', (request) => sent.push(request.url() + JSON.stringify(request.headers())));
      await page.goto(`${service.url}/${hash}`);
      return page;
    };
    const page = await openLink(`#open=${json.code}`);
    await page.waitForSelector('h1:has-text("Environments")');
    expect(page.url()).toBe(`${service.url}/`);
    expect(sent.join('\n')).not.toContain(json.code);
    await page.reload();
    await page.waitForSelector('h1:has-text("Environments")');
    await (await openLink('')).waitForSelector('h1:has-text("Environments")');

    const stranger = watched(await (await browser.newContext(desk)).newPage());
    await stranger.goto(`${service.url}/#open=${json.code}`);
    await stranger.waitForSelector('[role=alert]:has-text("was used already")');
    expect(await stranger.locator('h1').textContent()).toBe('Sign in');
    expect(stranger.url()).toBe(`${service.url}/`);
    // A link that is put into the address of an open tab.
    const next = (await service.call('POST', '/api/page-link', { body: {} })).json.code as string;
    await stranger.goto(`${service.url}/#open=${next}`);
    await stranger.waitForSelector('h1:has-text("Environments")');
    expect(service.logText()).not.toContain(json.code);
  });

  it('offers no target that may not be one, and says each protection in words', async () => {
    const page = await openPage();
    const words = await page.locator('main article .tag').allTextContents();
    expect(words).toEqual(expect.arrayContaining(['Production', 'Source only', 'Protected', 'Open']));
    await page.goto(`${service.url}/sync?source=production`);
    const targets = page.locator('main select').nth(1).locator('option');
    await expect.poll(() => targets.allTextContents()).toEqual(['staging', 'dev']);
    await page.locator('main select').first().selectOption('dev');
    await expect.poll(() => targets.allTextContents()).toEqual(['staging']);
  });

  it('replaces nothing before the name is typed, and puts the focus where the eye goes', async () => {
    const page = await openPage();
    await openPlan(page);
    const focused = (): Promise<string> =>
      page.evaluate<string>(
        '(({ dataset, id, tagName, textContent }) => dataset.confirm ?? (tagName === "BUTTON" ? textContent : id))(document.activeElement)',
      );
    expect(await focused()).toBe('plan-title');
    await page.click('button:has-text("Replace staging …")');
    await page.waitForSelector('[role=alertdialog]');
    await expect.poll(focused).toBe('name');
    const dialog = page.locator('[role=alertdialog]');
    // What is kept is said once more.
    expect(await dialog.textContent()).toContain('public.Profile');
    expect(await dialog.textContent()).toContain('Emptied: public.Result');
    await expectAccessible(page, 'confirm');
    for (const name of ['', 'Staging', 'dev']) {
      await page.fill('[data-confirm=name]', name);
      await page.keyboard.press('Enter');
      expect(await page.isDisabled('[data-confirm=go]')).toBe(true);
    }
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await expect.poll(focused).toBe('Replace staging …');
    expect((await service.call('GET', '/api/jobs')).json.jobs).toEqual([]);
  });

  it('draws of 2,000 tables those that are seen, and sorts and filters them all', async () => {
    const page = await openPage();
    await page.goto(`${service.url}/sync?source=production&target=dev`);
    await page.click('button:has-text("Show the plan")');
    const table = page.locator('[role=table][aria-label="What happens to each table"]');
    await table.waitFor();
    expect(await table.getAttribute('aria-rowcount')).toBe(String(many + 1));
    expect(await table.locator('[role=row]').count()).toBeLessThan(60);
    await table.locator('button:has-text("In the source")').click();
    await expect.poll(() => table.locator('[role=row]').nth(1).textContent()).toContain('public.t1999');
    const spent = await page.evaluate<number>(scrollScript);
    // A frame on a machine that does nothing else takes 16 ms; a busy one gets some slack.
    expect(spent).toBeLessThan(250);
    await page.keyboard.press('/');
    await page.keyboard.type('t0042');
    await expect.poll(() => table.locator('[role=row]').count()).toBe(2);
  });

  it('shows a run live, its receipt, and undoes it', async () => {
    const page = await openPage();
    const job = await startSync(page);
    job.log('Reading the source');
    job.progress(41.3, 'Loading 29 tables.');
    const live = page.locator(bar(41.3));
    await live.waitFor();
    expect(await live.getAttribute('aria-valuetext')).toBe('41.3 %, about 12 min left');
    await expect.poll(() => page.title()).toMatch(/^41 % · Sync production → staging/);
    expect(await page.locator('[data-step=running]').textContent()).toContain('Load rows');
    expect(await page.locator('[role=table]').textContent()).toContain('public.Part');
    await page.waitForSelector('[role=log]:has-text("Reading the source")');
    await expectAccessible(page, 'running');
    // A reload loses nothing.
    await page.reload();
    await live.waitFor();
    await page.waitForSelector('[role=log]:has-text("Reading the source")');
    job.finish();
    await page.waitForSelector(ended('done'));
    expect(await page.locator('.notice-good').textContent()).toContain('staging now equals production');
    expect(await page.locator('[data-voice]').textContent()).toContain('Done');
    expect(await page.locator('[role=table]').first().textContent()).toContain('ab'.repeat(16));
    expect(await page.locator('pre').textContent()).toBe(
      'multiboard-sync sync production staging --confirm staging',
    );

    await page.click('button:has-text("Undo on staging …")');
    await page.fill('[data-confirm=name]', 'staging');
    await page.click('[data-confirm=go]');
    const undo = await script.next();
    expect(undo.request).toEqual({ kind: 'rollback', input: { jobId: job.jobId, confirm: 'staging' } });
    undo.finish();
    await page.waitForSelector('h1:has-text("Undo")');
    await page.waitForSelector(ended('done'));

    orders.set(job.jobId, { ...open, undoneBy: undo.jobId });
    await page.goto(`${service.url}/runs/${job.jobId}`);
    await page.waitForSelector(`[data-undo=undone] a[href="/runs/${undo.jobId}"]`);
    expect(await page.locator('button:has-text("Undo on")').count()).toBe(0);
    await page.goto(`${service.url}/runs?kind=sync`);
    await page.waitForSelector(`a[href="/runs/${job.jobId}"]:has-text("undone")`);
    orders.set(job.jobId, { ...open, gone: ['Its kept database is gone.'] });
    await page.goto(`${service.url}/runs/${job.jobId}`);
    await page.waitForSelector('[data-undo=gone]:has-text("Its kept database is gone.")');
    orders.set(job.jobId, { ...open, overtakenBy: ['later'] });
    await page.reload();
    await page.waitForSelector('[data-undo=possible]:has-text("Job later ran later")');
    await page.click('button:has-text("Undo on staging …")');
    await page.waitForSelector('[role=alertdialog]:has-text("undoes its changes as well")');
    await page.fill('[data-confirm=name]', 'staging');
    await page.click('[data-confirm=go]');
    const over = await script.next();
    expect(over.request).toMatchObject({ input: { jobId: job.jobId, confirm: 'staging', passOver: true } });
    over.finish();
    await page.waitForSelector(ended('done'));
  });

  it('asks before it cancels, and says why a run failed, what to do, and how the target stands', async () => {
    const page = await openPage();
    const first = await startSync(page);
    first.progress(10);
    await page.click('button:has-text("Cancel this run …")');
    await page.waitForSelector('[role=alertdialog]:has-text("staging stays as it was")');
    await page.click('button:has-text("Let it go on")');
    await page.locator('[role=alertdialog]').waitFor({ state: 'detached' });
    await page.click('button:has-text("Cancel this run …")');
    await page.click('[data-confirm=go]');
    await page.waitForSelector(ended('cancelled'));
    expect(await page.locator('.notice-warn').textContent()).toContain('staging is as it was');
    await page.click('button:has-text("Run again …")');
    await page.fill('[data-confirm=name]', 'staging');
    await page.click('[data-confirm=go]');
    const second = await script.next();
    second.fail(new SyncError('TARGET_DISK_FULL', 'staging has no space left.'));
    await page.waitForSelector(ended('failed'));
    const text = await page.locator('.notice-bad').textContent();
    expect(text).toContain('staging is as it was');
    expect(text).toContain('staging has no space left.');
    expect(text).toContain('Free some');
    await expectAccessible(page, 'failed');
    await page.click('.notice-bad a');
    await page.waitForSelector('#TARGET_DISK_FULL');
  });

  it('says which run a waiting one waits for, and shows both on the first page', async () => {
    const page = await openPage();
    const first = await startSync(page);
    const body = { source: 'production', target: 'staging', confirm: 'staging' };
    const { id } = (await service.call('POST', '/api/sync', { body })).json;
    await page.goto(`${service.url}/runs/${id}`);
    await page.waitForSelector(
      `.notice-info:has-text("Next in line"):has-text("Waiting for Sync production → staging") a[href="/runs/${first.jobId}"]`,
    );
    await page.goto(service.url);
    await page.waitForSelector(
      `article[aria-label=staging] a[href="/runs/${first.jobId}"] [role=progressbar]`,
    );
    await page.waitForSelector(`section:has(h2:text-is("Now")) a[href="/runs/${id}"]`);
    first.finish();
    (await script.next()).finish();
    await page.waitForSelector(
      'article[aria-label=staging] [data-fresh]:has-text("Equals production as of")',
    );
  });

  it('says that the connection is lost, and goes on by itself', async () => {
    const proxy = await startFaultProxy(service.port);
    const page = await openPage(desk, `http://127.0.0.1:${proxy.port}`);
    const job = await startSync(page);
    job.progress(20);
    await page.waitForSelector(bar(20));
    proxy.reset();
    await page.waitForSelector('[role=alert]:has-text("connection to the service is lost")');
    job.progress(60);
    proxy.heal();
    await page.waitForSelector(bar(60));
    await page.locator('[role=alert]').waitFor({ state: 'detached' });
    job.finish();
    await page.waitForSelector(ended('done'));
  });

  it.each([
    ['one WebSocket', true],
    ['one event stream, where no WebSocket can be had', false],
  ])('shows one run in eight tabs by %s, each of which can cancel it', async (_, upgrades) => {
    const proxy = await startCountingProxy(service.port, upgrades);
    const context = await browser.newContext(desk);
    const link = (await service.call('POST', '/api/page-link', { body: {} })).json;
    const first = watched(await context.newPage());
    await first.goto(`${proxy.url}/#open=${link.code}`);
    await first.waitForSelector('h1:has-text("Environments")');
    const job = await startSync(first);
    job.progress(30);
    await first.waitForSelector(bar(30));
    const tabs = await Promise.all(
      Array.from({ length: 7 }, async () => {
        const tab = watched(await context.newPage());
        await tab.goto(`${proxy.url}/runs/${job.jobId}`);
        await tab.waitForSelector(bar(30));
        return tab;
      }),
    );
    job.progress(70);
    for (const tab of [first, ...tabs]) await tab.waitForSelector(bar(70));
    expect([proxy.sockets(), proxy.streams()]).toEqual(upgrades ? [1, 0] : [0, 1]);
    const last = tabs.at(-1)!;
    await last.click('button:has-text("Cancel this run …")');
    await last.click('[data-confirm=go]');
    for (const tab of [first, ...tabs]) await tab.waitForSelector(ended('cancelled'));
    proxy.stop();
  });

  it('fits a phone in both themes, with every target large enough to touch', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await openPage({ ...phone, colorScheme });
      await openPlan(page);
      await expectFitsThumb(page, `plan, ${colorScheme}`);
      const job = await startSync(page);
      job.progress(50);
      await page.waitForSelector(bar(50));
      await expectFitsThumb(page, `running, ${colorScheme}`);
      await picture(page, `running-phone-${colorScheme}`);
      // Without scrolling.
      const cancel = await page.locator('button:has-text("Cancel this run …")').boundingBox();
      expect(cancel!.y + cancel!.height).toBeLessThan(844);
      job.finish();
      await page.waitForSelector(ended('done'));
      await expectFitsThumb(page, `done, ${colorScheme}`);
      await expectAccessible(page, `done on a phone, ${colorScheme}`);
    }
  });

  it('has a page for an address that is none, and a document for programs', async () => {
    const page = await openPage();
    const answer = await page.goto(`${service.url}/runs/x/y`);
    expect(answer?.status()).toBe(404);
    await page.waitForSelector('h1:has-text("There is nothing at this address")');
    await page.goto(`${service.url}/runs/unknown`);
    await page.waitForSelector('h1:has-text("There is no such run")');
    await page.click('main a:has-text("All runs")');
    await page.waitForSelector('h1:has-text("Runs")');
    expect((await service.call('GET', '/runs/x/y')).json).toMatchObject({ code: 'USAGE_NOT_FOUND' });
    for (const path of ['/', '/docs', '/runs/x']) {
      expect([path, (await service.call('GET', path, { key: null })).status]).toEqual([path, 200]);
    }
  });

  it('gave the browser nothing to complain about but lost connections', () => {
    const expected = /40[14]|net::ERR_|WebSocket/;
    expect(complaints.filter((text) => !expected.test(text))).toEqual([]);
  });
});

/** Scrolls a table from end to end, a screen a frame; the middle one of the times that the frames took. */
const scrollScript = `(async () => {
  const box = document.querySelector('[role=table] [tabindex="0"]');
  const took = [];
  for (let top = 0; top < box.scrollHeight && took.length < 60; top += 480) {
    const begin = performance.now();
    box.scrollTop = top;
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    took.push((performance.now() - begin) / 2);
  }
  return took.sort((one, other) => one - other)[Math.floor(took.length / 2)];
})()`;
