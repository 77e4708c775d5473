// Starts Chromium and does what several scripts need of a page.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

export const settings = {
  base: process.env.LINEDESK_URL ?? 'http://127.0.0.1:8080',
  sip: process.env.LINEDESK_SIP ?? '127.0.0.1:5060',
  trunk: process.env.LINEDESK_TRUNK ?? '127.0.0.1:5080',
  chromium: process.env.CHROMIUM ?? '/usr/bin/chromium',
};

/** A browser with a pretended microphone: beeps, or the sound of a WAV file. */
export function launch({ microphone } = {}) {
  return chromium.launch({
    executablePath: settings.chromium,
    headless: true,
    args: [
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream',
      '--allow-loopback-in-peer-connection',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
      ...(microphone ? [`--use-file-for-fake-audio-capture=${microphone}`] : []),
    ],
  });
}

/** A fresh profile with what a user wants of it. */
export async function profile(
  browser,
  { language = 'en', theme = 'light', width = 1366, height = 768, ...prefs } = {},
) {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: theme,
    reducedMotion: 'reduce',
    permissions: ['microphone'],
    baseURL: settings.base,
  });
  context.setDefaultTimeout(10_000);
  await context.addInitScript(
    (wanted) => {
      // Only once: what a test changes must survive its reloads.
      if (!localStorage.getItem('linedesk.prefs'))
        localStorage.setItem('linedesk.prefs', JSON.stringify(wanted));
    },
    { language, theme, ...prefs },
  );
  return context;
}

/** What a page complains about: errors of scripts, refusals by the content security policy. */
export function complaints(page) {
  const found = [];
  page.on('pageerror', (error) => found.push(String(error)));
  page.on('console', (message) => {
    if (message.type() !== 'error' && message.type() !== 'warning') return;
    // Whoever isn't signed in yet is told so by a 401: that is no mistake.
    if (/status of 401/.test(message.text())) return;
    found.push(message.text());
  });
  return found;
}

export const by = (page, id) => page.locator(`[data-testid="${id}"]`);

export async function signIn(page, user, password = `demo-${user}`) {
  await page.goto('/');
  await by(page, 'user').fill(user);
  await by(page, 'password').fill(password);
  await by(page, 'sign-in').click();
  await page.waitForSelector('[data-ready="true"]');
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Accessibility rules that the page breaks (WCAG 2.2 AA, what a machine can see of it). */
export async function axe(page) {
  await page.evaluate(axeSource); // our content security policy allows no added script element
  return page.evaluate(async () => {
    const result = await globalThis.axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
      resultTypes: ['violations'],
    });
    return result.violations.map(
      (v) => `${v.id}: ${v.help}: ${v.nodes.map((n) => n.target.join(' ')).join(' | ')}`,
    );
  });
}

/** What does not fit: the page itself scrolls, or text is cut off where it may not be. */
export function overflow(page) {
  return page.evaluate(() => {
    const found = [];
    const root = document.documentElement;
    if (root.scrollWidth > root.clientWidth) found.push(`the page is ${root.scrollWidth} px wide`);
    if (root.scrollHeight > root.clientHeight) found.push(`the page is ${root.scrollHeight} px high`);
    for (const element of document.querySelectorAll(
      'button, label, th, h1, h2, h3, legend, .chip, .kbd, time, option',
    )) {
      const box = element.getBoundingClientRect();
      if (box.width === 0 || element.closest('.sr-only') || getComputedStyle(element).visibility === 'hidden')
        continue;
      const name = `${element.tagName.toLowerCase()} "${element.textContent.trim().slice(0, 40)}"`;
      const cut = getComputedStyle(element).overflow !== 'visible';
      if (element.scrollWidth > element.clientWidth + 1 && !cut && element.clientWidth > 0) {
        found.push(`${name} overflows its box by ${element.scrollWidth - element.clientWidth} px`);
      }
      const inScroller = element.closest('.scroll');
      if (
        !inScroller &&
        (box.right > root.clientWidth + 1 || box.bottom > root.clientHeight + 1 || box.left < -1)
      ) {
        found.push(`${name} is out of sight`);
      }
      if (inScroller && box.right > inScroller.getBoundingClientRect().right + 1) {
        found.push(`${name} sticks out of its list`);
      }
    }
    return found;
  });
}

/** Texts that are missing: keys in place of texts, unfilled places, the words of broken code. */
export function missingText(page) {
  return page.evaluate(() => {
    const found = [];
    const suspect = (text) =>
      /\b[a-z][a-z_]*\.[a-z_]+(\.[a-z_]+)*\b/.exec(text.replace(/\S+@\S+|https?:\S+|\d\S*/g, ''))?.[0] ??
      /\{\w+\}/.exec(text)?.[0] ??
      /\b(undefined|null|NaN|\[object Object\]|Invalid Date)\b/.exec(text)?.[0];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const bad = suspect(walker.currentNode.textContent);
      if (bad) found.push(bad);
    }
    for (const element of document.querySelectorAll('[aria-label], [title], [placeholder]')) {
      for (const name of ['aria-label', 'title', 'placeholder']) {
        const value = element.getAttribute(name);
        if (value === '') found.push(`empty ${name} on ${element.outerHTML.slice(0, 80)}`);
        const bad = value && suspect(value);
        if (bad) found.push(bad);
      }
    }
    for (const element of document.querySelectorAll('button, a, select, input, textarea')) {
      const label =
        element.getAttribute('aria-label') ??
        (element.labels?.length ? element.labels[0].textContent : element.textContent);
      if (!label?.trim()) found.push(`no name: ${element.outerHTML.slice(0, 80)}`);
    }
    return found;
  });
}
