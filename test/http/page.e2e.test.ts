import type { BrowserContextOptions, Page } from 'playwright-core';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { SyncError } from '../../src/errors/sync-error.ts';
import type { UndoOutlook } from '../../src/sync/undo/undo-outlook.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { lacks } from '../support/lacks.ts';
import { launchBrowser } from './browser.ts';
import { planted, startTestService } from './harness.ts';
import type { TestService } from './harness.ts';
import { scriptedRun } from './scripted-run.ts';
import type { ScriptedJob } from './scripted-run.ts';

const desk = { viewport: { width: 1200, height: 900 } };
const phone = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };

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

  async function openPage(options: BrowserContextOptions = desk, url = service.url): Promise<Page> {
    const page = await (await browser.newContext(options)).newPage();
    page.setDefaultTimeout(10_000);
    pages.push(page);
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    await page.goto(url);
    await page.fill('#key', planted.apiKey);
    await page.click('#key-form button');
    await page.waitForSelector('#start:not([hidden])');
    return page;
  }

  async function startSync(page: Page): Promise<ScriptedJob> {
    await page.selectOption('#target', 'staging');
    await page.click('#sync-form button');
    await page.click('#plan button');
    await page.fill('#confirm-input', 'staging');
    await page.keyboard.press('Enter');
    return script.next();
  }

  it('asks for the key, keeps it out of the address, and refuses a wrong one', async () => {
    const page = await (await browser.newContext(desk)).newPage();
    pages.push(page);
    await page.goto(service.url);
    await page.waitForSelector('#key:focus');
    expect(await page.isVisible('#notice')).toBe(false);
    await page.fill('#key', 'wrong');
    await page.click('#key-form button');
    await page.waitForSelector('#notice.bad');
    expect(await page.isVisible('#start')).toBe(false);
    await page.fill('#key', planted.apiKey);
    await page.keyboard.press('Enter');
    await page.waitForSelector('#start:not([hidden])');
    expect(page.url()).not.toContain(planted.apiKey);
    await page.reload();
    await page.waitForSelector('#start:not([hidden])');
  });

  it('opens by a link once, for every tab of the browser, and leaves nothing of it in the address', async () => {
    const { json } = await service.call('POST', '/api/page-link', { body: {} });
    const context = await browser.newContext(desk);
    const sent: string[] = [];
    const open = async (hash: string): Promise<Page> => {
      const page = await context.newPage();
      pages.push(page);
      page.on('request', (request) => sent.push(request.url() + JSON.stringify(request.headers())));
      await page.goto(`${service.url}/${hash}`);
      return page;
    };
    const page = await open(`#open=${json.code}`);
    await page.waitForSelector('#start:not([hidden])');
    expect(page.url()).toBe(`${service.url}/`);
    expect(sent.join('\n')).not.toContain(json.code);
    await page.reload();
    await page.waitForSelector('#start:not([hidden])');
    await (await open('')).waitForSelector('#start:not([hidden])');

    const stranger = await (await browser.newContext(desk)).newPage();
    pages.push(stranger);
    await stranger.goto(`${service.url}/#open=${json.code}`);
    await stranger.waitForSelector('#notice:has-text("was used already")');
    expect(await stranger.isVisible('#start')).toBe(false);
    expect(stranger.url()).toBe(`${service.url}/`);
    // A link that is put into the address of an open tab.
    const next = (await service.call('POST', '/api/page-link', { body: {} })).json.code as string;
    await stranger.goto(`${service.url}/#open=${next}`);
    await stranger.waitForSelector('#start:not([hidden])');
    expect(service.logText()).not.toContain(json.code);
  });

  it('offers no target that may not be one, and says each protection in words', async () => {
    const page = await openPage();
    const words = await page.locator('#environments .badge').allTextContents();
    expect(words.map((text) => text.split(':')[0])).toEqual(['Source only', 'Protected', 'Open']);
    expect(await page.locator('#target option').allTextContents()).toEqual(['staging', 'dev']);
    await page.selectOption('#source', 'dev');
    expect(await page.locator('#target option').allTextContents()).toEqual(['staging']);
  });

  it('replaces nothing before the name is typed', async () => {
    const page = await openPage();
    await page.selectOption('#target', 'staging');
    await page.click('#sync-form button');
    await page.click('#plan button');
    expect(await page.evaluate('document.activeElement.id')).toBe('confirm-input');
    for (const name of ['', 'Staging', 'dev']) {
      await page.fill('#confirm-input', name);
      await page.keyboard.press('Enter');
      expect(await page.isDisabled('#confirm-go')).toBe(true);
    }
    await page.keyboard.press('Escape');
    expect(await page.isVisible('#confirm')).toBe(false);
    expect((await service.call('GET', '/api/jobs')).json.jobs).toEqual([]);
  });

  it('shows a run live, its receipt, and undoes it', async () => {
    const page = await openPage();
    const job = await startSync(page);
    job.log('Reading the source');
    job.progress(41.3, 'Loading 29 tables.');
    const bar = page.locator('[role=progressbar][aria-valuenow="41.3"]');
    await bar.waitFor();
    expect(await bar.getAttribute('aria-valuetext')).toBe('41.3 %, about 12 min left');
    expect(await page.title()).toMatch(/^41 % Sync production → staging/);
    expect(await page.locator('#run .steps .running').textContent()).toContain('Load rows');
    expect(await page.locator('#run table').textContent()).toContain('public.Part');
    // A reload loses nothing.
    await page.reload();
    await bar.waitFor();
    await page.click('#run summary:has-text("Log (1)")');
    expect(await page.locator('#run [role=log]').textContent()).toContain('Reading the source');
    job.finish();
    await page.waitForSelector('#run .notice.good');
    expect(await page.locator('#run .notice.good').textContent()).toContain('staging now equals production');
    await page.click('#run summary:has-text("Tables (2)")');
    expect(await page.locator('#run table').first().textContent()).toContain('ab'.repeat(16));

    await page.click('#run button:has-text("Undo")');
    await page.fill('#confirm-input', 'staging');
    await page.click('#confirm-go');
    const undo = await script.next();
    expect(undo.request).toEqual({ kind: 'rollback', input: { jobId: job.jobId, confirm: 'staging' } });
    undo.finish();
    await page.waitForSelector('#run h2:has-text("Undo") >> visible=true');
    await page.waitForSelector('#run .notice.good');
    expect(await page.locator('#history a').first().textContent()).toContain('Undo');

    orders.set(job.jobId, { ...open, undoneBy: undo.jobId });
    await page.goto(`${service.url}/#${job.jobId}`);
    await page.waitForSelector(`#run p:has-text("Undone by ${undo.jobId}")`);
    expect(await page.locator('#run button:has-text("Undo")').count()).toBe(0);
    expect(await page.locator(`#history a[href="#${job.jobId}"]`).textContent()).toContain('undone');
    orders.set(job.jobId, { ...open, overtakenBy: ['later'] });
    await page.reload();
    await page.waitForSelector('#run p:has-text("Job later ran later")');
    await page.click('#run button:has-text("Undo")');
    expect(await page.locator('#confirm-text').textContent()).toContain('undoes its changes as well');
    await page.fill('#confirm-input', 'staging');
    await page.click('#confirm-go');
    const over = await script.next();
    expect(over.request).toMatchObject({ input: { jobId: job.jobId, confirm: 'staging', passOver: true } });
    over.finish();
    await page.waitForSelector('#run .notice.good');
  });

  it('cancels, and says why a run failed and what to do', async () => {
    const page = await openPage();
    const first = await startSync(page);
    first.progress(10);
    await page.click('#run button:has-text("Cancel")');
    await page.waitForSelector('#run .badge.cancelled');
    await page.click('#run button:has-text("Run again")');
    await page.fill('#confirm-input', 'staging');
    await page.click('#confirm-go');
    const second = await script.next();
    second.fail(new SyncError('TARGET_DISK_FULL', 'staging has no space left.'));
    await page.waitForSelector('#run .badge.failed');
    const text = await page.locator('#run .notice.bad').textContent();
    expect(text).toContain('staging has no space left.');
    expect(text).toContain('Free some');
    await page.click('#run .notice.bad a');
    await page.waitForSelector('#TARGET_DISK_FULL');
  });

  it('says which run a waiting job waits for', async () => {
    const page = await openPage();
    const first = await startSync(page);
    const body = { source: 'production', target: 'staging', confirm: 'staging' };
    const { id } = (await service.call('POST', '/api/sync', { body })).json;
    await page.goto(`${service.url}/#${id}`);
    await page.waitForSelector(
      `#run p:has-text("Waiting for Sync production → staging") a[href="#${first.jobId}"]`,
    );
    first.finish();
    (await script.next()).finish();
    await page.waitForSelector('#run .notice.good');
  });

  it('says that the connection is lost, and goes on by itself', async () => {
    const proxy = await startFaultProxy(service.port);
    const page = await openPage(desk, `http://127.0.0.1:${proxy.port}`);
    const job = await startSync(page);
    job.progress(20);
    await page.waitForSelector('[aria-valuenow="20"]');
    proxy.reset();
    await page.waitForSelector('#notice:has-text("connection to the service is lost")');
    job.progress(60);
    proxy.heal();
    await page.waitForSelector('[aria-valuenow="60"]');
    expect(await page.isVisible('#notice')).toBe(false);
    job.finish();
    await page.waitForSelector('#run .notice.good');
  });

  it('shows one run in seven tabs, each of which can cancel it', async () => {
    const first = await openPage();
    const job = await startSync(first);
    job.progress(30);
    const context = first.context();
    const link = (await service.call('POST', '/api/page-link', { body: {} })).json;
    const { token } = (await service.call('POST', '/api/session', { body: { code: link.code } })).json;
    await first.evaluate(`localStorage.setItem('multiboard-sync-pass', '${token}')`);
    const tabs = await Promise.all(
      Array.from({ length: 6 }, async () => {
        const tab = await context.newPage();
        await tab.goto(`${service.url}/#${job.jobId}`);
        await tab.waitForSelector('[aria-valuenow="30"]');
        return tab;
      }),
    );
    job.progress(70);
    for (const tab of [first, ...tabs]) await tab.waitForSelector('[aria-valuenow="70"]');
    await tabs[5]?.click('#run button:has-text("Cancel")');
    for (const tab of [first, ...tabs]) await tab.waitForSelector('#run .badge.cancelled');
  });

  it('follows a run by a stream where no WebSocket can be had', async () => {
    const page = await (await browser.newContext(desk)).newPage();
    pages.push(page);
    page.setDefaultTimeout(10_000);
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await page.routeWebSocket(/socket\.io/, (socket) => socket.close());
    const { json } = await service.call('POST', '/api/page-link', { body: {} });
    await page.goto(`${service.url}/#open=${json.code}`);
    await page.waitForSelector('#start:not([hidden])');
    const job = await startSync(page);
    job.progress(20);
    await page.waitForSelector('[aria-valuenow="20"]');
    // The answer to the first question may come before the stream is asked for; a stream that ends is asked for again.
    await expect
      .poll(() => asked.filter((path) => path.endsWith('/stream')).length, { timeout: 10_000 })
      .toBeGreaterThan(0);
    job.finish();
    await page.waitForSelector('#run .notice.good');
  });

  it('fits a phone in both themes, with targets large enough to touch', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await openPage({ ...phone, colorScheme });
      const job = await startSync(page);
      job.progress(50);
      await page.waitForSelector('[aria-valuenow="50"]');
      job.finish();
      await page.waitForSelector('#run .notice.good');
      const { width, page: wide } = await page.evaluate<{ width: number; page: number }>(
        '({ width: innerWidth, page: document.documentElement.scrollWidth })',
      );
      expect(wide).toBeLessThanOrEqual(width);
      const heights = await page.evaluate<number[]>(
        '[...document.querySelectorAll("button, select")].map((e) => e.offsetHeight).filter((height) => height > 0)',
      );
      expect(Math.min(...heights)).toBeGreaterThanOrEqual(44);
      expect(await page.evaluate<number>(contrastScript)).toBeGreaterThanOrEqual(4.5);
    }
  });

  it('shows the API without any other host', async () => {
    const page = await (await browser.newContext(desk)).newPage();
    pages.push(page);
    const hosts = new Set<string>();
    page.on('request', (request) => hosts.add(new URL(request.url()).host));
    await page.goto(`${service.url}/docs`);
    await page.waitForSelector('#postSync');
    await page.click('#postSync summary');
    expect(await page.locator('#postSync').textContent()).toContain('confirm');
    expect([...hosts]).toEqual([new URL(service.url).host]);
  });

  it('gave the browser nothing to complain about but lost connections', () => {
    const expected = /401|net::ERR_/;
    expect(complaints.filter((text) => !expected.test(text))).toEqual([]);
  });
});

/** The lowest contrast of any visible text with its background (WCAG 2.2, "relative luminance"). */
const contrastScript = `(() => {
  const parse = (color) => color.match(/[\\d.]+/g).map(Number);
  const luminance = ([r, g, b]) => {
    const part = (value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  };
  const background = (element) => {
    for (let one = element; one !== null; one = one.parentElement) {
      const color = parse(getComputedStyle(one).backgroundColor);
      if (color.length === 3 || color[3] === 1) return color;
    }
    return [255, 255, 255];
  };
  let lowest = 21;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const element = node.parentElement;
    if (node.textContent.trim() === '' || !element.checkVisibility() || element.closest(':disabled')) continue;
    const [one, other] = [luminance(parse(getComputedStyle(element).color)), luminance(background(element))].sort((a, b) => b - a);
    lowest = Math.min(lowest, (one + 0.05) / (other + 0.05));
  }
  return lowest;
})()`;
