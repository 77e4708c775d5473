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

/** What does not fit: the page itself scrolls (down it may, if it `scrolls`), or text is cut off where it may not be. */
export function overflow(page, { scrolls = false } = {}) {
  return page.evaluate((scrolls) => {
    const found = [];
    const root = document.documentElement;
    if (root.scrollWidth > root.clientWidth) found.push(`the page is ${root.scrollWidth} px wide`);
    if (!scrolls && root.scrollHeight > root.clientHeight)
      found.push(`the page is ${root.scrollHeight} px high`);
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
        (box.right > root.clientWidth + 1 ||
          box.left < -1 ||
          (!scrolls && box.bottom > root.clientHeight + 1))
      ) {
        found.push(`${name} is out of sight`);
      }
      if (inScroller && box.right > inScroller.getBoundingClientRect().right + 1) {
        found.push(`${name} sticks out of its list`);
      }
    }
    return found;
  }, scrolls);
}

/** Texts cut off in the middle by the edge of something, and labels that are shortened. What is left out whole is not cut. */
export function cutText(page) {
  return page.evaluate(() => {
    const found = new Set();
    const clips = (style) => /hidden|clip/.test(style.overflowX) && style.textOverflow !== 'ellipsis';
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const text = walker.currentNode.textContent.trim();
      const parent = walker.currentNode.parentElement;
      if (!text || !parent.checkVisibility({ visibilityProperty: true }) || parent.closest('.sr-only'))
        continue;
      const label = parent.closest('button, label, th, dt, legend, [role="columnheader"]');
      if (
        label &&
        getComputedStyle(label).textOverflow === 'ellipsis' &&
        label.scrollWidth > label.clientWidth
      )
        found.add(`label "${text}" is shortened`);
      const range = document.createRange();
      range.selectNodeContents(walker.currentNode);
      for (let around = parent; around && around !== document.body; around = around.parentElement) {
        const style = getComputedStyle(around);
        if (style.textOverflow === 'ellipsis') break;
        if (!clips(style)) continue;
        const edge = around.getBoundingClientRect();
        for (const box of range.getClientRects()) {
          if (box.top >= edge.bottom || box.bottom <= edge.top) continue;
          if (box.left < edge.right && (box.right > edge.right + 1 || box.left < edge.left - 1))
            found.add(`text "${text.slice(0, 40)}" is cut`);
        }
      }
    }
    for (const element of document.querySelectorAll('dd, [data-testid^="banner"] span'))
      if (getComputedStyle(element).overflow === 'hidden' && element.scrollHeight > element.clientHeight + 1)
        found.add(`"${element.textContent.trim()}" is shortened`);
    return [...found];
  });
}

/** Controls that nobody can click: scrolled to, they are still out of the window or under something else. */
export function outOfReach(page) {
  return page.evaluate(() => {
    const found = [];
    // What is on top, if something is: the rest waits under it.
    const top = document.querySelector('dialog[open], [popover]:popover-open') ?? document;
    const wanted = 'button, a[href], select, input, textarea, summary, [tabindex="0"]';
    for (const element of top.querySelectorAll(wanted)) {
      // What shows a control may be its label: radio buttons are hidden in theirs.
      const shown = element.closest('label') ?? element;
      if (!shown.checkVisibility({ visibilityProperty: true }) || element.disabled) continue;
      if (shown.closest('[popover]:not(:popover-open), .sr-only')) continue;
      shown.scrollIntoView({ block: 'nearest', inline: 'nearest', behavior: 'instant' });
      const box = shown.getBoundingClientRect();
      if (box.width === 0) continue;
      const name = `${element.tagName.toLowerCase()} "${(element.getAttribute('aria-label') ?? shown.textContent).trim().slice(0, 40)}"`;
      const x = box.left + box.width / 2;
      const y = Math.max(0, box.top) + Math.min(box.height, 40) / 2;
      const there = document.elementFromPoint(x, y);
      if (!there) found.push(`${name} is out of reach at ${Math.round(x)},${Math.round(y)}`);
      else if (!shown.contains(there) && !there.contains(shown))
        found.push(`${name} is under ${there.outerHTML.slice(0, 60)}`);
    }
    for (const scroller of [document.documentElement, ...document.querySelectorAll('.scroll, dialog')])
      scroller.scrollTop = 0;
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
