import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { collectEvidence } from '../../harness/report/evidence.ts';
import { renderHtml, renderSuiteHtml } from '../../harness/report/html.ts';
import { renderJunit } from '../../harness/report/junit.ts';
import { invalidSample, unknownSample, validSample, type Sample } from './samples.ts';

const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const isMissing = !existsSync(executablePath);
const reason = isMissing ? ` (skipped: no Chromium at ${executablePath}; set CHROMIUM)` : '';
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const pages: Record<string, string> = {};
let browser: Browser | undefined;
let dir = '';

beforeAll(async () => {
  if (isMissing) return;
  dir = await mkdtemp(join(tmpdir(), 'onceproof-browser-'));
  const samples: Record<string, Sample> = {
    valid: validSample(),
    invalid: invalidSample(),
    unknown: unknownSample(),
  };
  for (const [name, { verdict, history }] of Object.entries(samples))
    pages[name] = renderHtml(verdict, await collectEvidence(history, verdict));
  pages['suite'] = renderSuiteHtml(
    Object.values(samples).map(({ verdict }) => ({ verdict, href: 'retry-storm/1/report.html' })),
  );
  for (const [name, html] of Object.entries(pages)) await writeFile(join(dir, `${name}.html`), html);
  browser = await chromium.launch({ executablePath, args: FLAGS });
});

afterAll(async () => {
  await browser?.close();
  if (dir !== '') await rm(dir, { recursive: true, force: true });
});

interface Opened {
  readonly page: Page;
  /** Console errors and warnings, exceptions, and requests for anything but the page itself. */
  readonly complaints: string[];
}

async function opened(name: string, width: number, colorScheme: 'light' | 'dark' = 'light'): Promise<Opened> {
  if (!browser) throw new Error('no browser');
  const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme });
  const complaints: string[] = [];
  const url = pathToFileURL(join(dir, `${name}.html`)).href;
  page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => {
    if (request.url() !== url && !request.url().startsWith('data:')) complaints.push(request.url());
  });
  await page.goto(url);
  return { page, complaints };
}

/** An expression evaluated in the page: the tests are compiled without the DOM's types. */
async function ask<Value>(page: Page, expression: string): Promise<Value> {
  return await page.evaluate<Value>(expression);
}

describe(`the report pages in a real browser${reason}`, () => {
  test.skipIf(isMissing).each([
    ['valid', 1100],
    ['invalid', 1100],
    ['invalid', 360],
    ['unknown', 360],
    ['suite', 360],
    ['suite', 1100],
  ])(
    '%s at %i px: no console message, no request, no overflow, also with everything unfolded',
    async (name, width) => {
      const { page, complaints } = await opened(name, width);
      expect(await ask(page, 'document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      await ask(page, 'document.querySelectorAll("details").forEach((one) => { one.open = true; })');
      expect(await ask(page, 'document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      expect(complaints).toEqual([]);
      await page.close();
    },
  );

  test.skipIf(isMissing)('lanes are drawn: every bar has a size and every label can be seen', async () => {
    const { page } = await opened('invalid', 1100);
    const sizes = await ask<number[]>(
      page,
      '[...document.querySelectorAll("#violation-1 .item.bar rect:not(.hit)")].map((one) => one.getBoundingClientRect().width)',
    );
    expect(sizes.length).toBeGreaterThanOrEqual(7);
    expect(Math.min(...sizes)).toBeGreaterThan(4);
    const lanes = await ask<string[]>(
      page,
      '[...document.querySelectorAll("#violation-1 .lane-names text")].map((one) => one.textContent)',
    );
    expect(lanes).toEqual(['faults', 'client', 'hop', 'replica-1', 'replica-2', 'ledger']);
    expect(await ask(page, 'document.querySelectorAll(".series.p50").length')).toBe(1);
    await page.close();
  });

  test.skipIf(isMissing)('pointing at a part of the lanes reads it out, and arrow keys move on', async () => {
    const { page } = await opened('invalid', 1100);
    const detail = page.locator('#violation-1 .lane-detail');
    await page.locator('#violation-1 .item.crash').first().hover();
    expect(await detail.textContent()).toBe('+9.4 ms crash after-debit on replica-1, down for 150 ms');
    await page.locator('#violation-1 .item').first().focus();
    await page.keyboard.press('ArrowRight');
    const focused = await ask<string>(page, 'document.activeElement.getAttribute("aria-label")');
    expect(focused).toContain('attempt 1 at the hop');
    expect(await detail.textContent()).toBe(focused);
    await page.keyboard.press('End');
    expect(await ask(page, 'document.activeElement.getAttribute("class")')).toContain('debit');
    await page.close();
  });

  test.skipIf(isMissing)(
    'the chart tells the values of a moment by pointer and by keys, and a series can be hidden',
    async () => {
      const { page } = await opened('valid', 1100);
      const value = page.locator('.chart-value');
      await page.locator('.plot').hover({ position: { x: 300, y: 100 } });
      expect(await value.textContent()).toMatch(
        /^\+.*: p50 .*, p90 .*, p99 .*, max .*; \d+ ok, 0 fail, \d+ info/,
      );
      const before = await value.textContent();
      await page.locator('.chart').focus();
      await page.keyboard.press('ArrowRight');
      expect(await value.textContent()).not.toBe(before);
      await page.locator('label.key.p99').click();
      expect(await ask(page, 'getComputedStyle(document.querySelector(".series.p99")).display')).toBe('none');
      await page.close();
    },
  );

  test.skipIf(isMissing)('light and dark follow the system, and text stands out in both', async () => {
    for (const scheme of ['light', 'dark'] as const) {
      const { page } = await opened('invalid', 1100, scheme);
      const contrasts = await ask<number[]>(page, CONTRASTS);
      expect(contrasts.length).toBeGreaterThan(20);
      expect(Math.min(...contrasts), scheme).toBeGreaterThanOrEqual(4.5);
      await page.close();
    }
  });

  test.skipIf(isMissing)(
    'on paper a wide drawing is shrunk to the page with its lanes named, and nothing is cut off',
    async () => {
      const { page } = await opened('invalid', 720);
      await page.emulateMedia({ media: 'print' });
      const [inner, outer] = await ask<[number, number]>(
        page,
        '(() => { const one = document.querySelector(".lane-scroll"); return [one.scrollWidth, one.clientWidth]; })()',
      );
      expect(inner).toBeLessThanOrEqual(outer);
      expect(await page.locator('.print-name').first().isVisible()).toBe(true);
      await page.close();
    },
  );

  test.skipIf(isMissing)('printing unfolds what is folded and puts it back', async () => {
    const { page } = await opened('invalid', 1100);
    const closed = 'document.querySelectorAll("details:not([open])").length';
    const before = await ask<number>(page, closed);
    await ask(page, 'dispatchEvent(new Event("beforeprint"))');
    expect(await ask(page, closed)).toBe(0);
    await ask(page, 'dispatchEvent(new Event("afterprint"))');
    expect(await ask(page, closed)).toBe(before);
    await page.close();
  });

  test.skipIf(isMissing)("the browser's own XML parser accepts junit.xml", async () => {
    const { page } = await opened('suite', 360);
    const xml = renderJunit(invalidSample().verdict);
    const errors = `new DOMParser().parseFromString(${JSON.stringify(xml)}, "application/xml").querySelectorAll("parsererror").length`;
    expect(await ask(page, errors)).toBe(0);
    await page.close();
  });
});

/** WCAG contrast of each visible text outside the drawings against the page: the panels differ from it by less than 1.1. */
const CONTRASTS = `(() => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgb = (colour) => {
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const light = (colour) => {
    const [r, g, b] = rgb(colour).map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const page = light(getComputedStyle(document.body).backgroundColor);
  return [...document.querySelectorAll('h1,h2,p,dt,dd,td,th,summary,code,a,label,output,.state,.word,.rule')]
    .filter((one) => one.textContent.trim() !== '' && one.getClientRects().length > 0)
    .map((one) => light(getComputedStyle(one).color))
    .map((text) => (Math.max(text, page) + 0.05) / (Math.min(text, page) + 0.05));
})()`;
