// Makes screenshots of sign-in, desk and board in both languages, both themes and three sizes, with real calls,
// and fails if anything overflows, a control cannot be reached, a text is missing, or an accessibility rule is
// broken.
//
//   node shots.mjs [FOLDER]        default: ../../shots
//
// LINEDESK_URL and LINEDESK_SIP name a running demo server; without them it starts one of its own.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  axe,
  by,
  complaints,
  cutText,
  launch,
  missingText,
  outOfReach,
  overflow,
  profile,
  settings,
  signIn,
} from './browser.mjs';
import { until } from './ear.mjs';
import { startServer } from './server.mjs';
import { loudness, rate } from './sound.mjs';
import { Telephone } from './telephone.mjs';

const folder = process.argv[2] ?? new URL('../../shots', import.meta.url).pathname;
mkdirSync(folder, { recursive: true });

const looks = ['light', 'dark'].flatMap((theme) => ['en', 'zh-CN'].map((language) => ({ theme, language })));
const sizes = [
  { width: 1920, height: 1080 },
  // 1366×768 at 200 % (WCAG 1.4.4, 1.4.10): here a page may scroll, downwards only.
  { width: 683, height: 384, scrolls: true },
  { width: 1366, height: 768 },
];
const faults = [];
let shots = 0;

/** Another tab of the same profile, through which language and theme are changed: the page must follow at once. */
async function remoteControl(context) {
  const tab = await context.newPage();
  await tab.goto('/favicon.svg');
  return (language, theme) =>
    tab.evaluate(
      ([l, t]) => {
        const prefs = JSON.parse(localStorage.getItem('linedesk.prefs') ?? '{}');
        localStorage.setItem('linedesk.prefs', JSON.stringify({ ...prefs, language: l, theme: t }));
      },
      [language, theme],
    );
}

async function shoot(page, control, name) {
  for (const { theme, language } of looks) {
    await control(language, theme);
    await page.waitForFunction(
      ([l, t]) => document.documentElement.lang === l && document.documentElement.dataset.theme === t,
      [language, theme],
    );
    for (const { width, height, scrolls = false } of sizes) {
      await page.setViewportSize({ width, height });
      // Two frames: one for the layout, one for what follows from it.
      await page.evaluate(
        () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
      );
      const file = `${name}-${language}-${theme}-${width}x${height}.png`;
      await page.screenshot({ path: join(folder, file), animations: 'disabled' });
      shots++;
      if (scrolls) {
        // All that is to be scrolled to, in a second picture.
        const whole = file.replace('.png', '-whole.png');
        await page.screenshot({ path: join(folder, whole), animations: 'disabled', fullPage: true });
      }
      const broken = [
        ...(await overflow(page, { scrolls })),
        ...(await cutText(page)),
        ...(scrolls ? await outOfReach(page) : []),
        ...(await missingText(page)).map((text) => `missing text: ${text}`),
      ];
      // Of the narrow layout once: its colours are those of the wide one.
      if (scrolls && theme === looks[0].theme && language === looks[0].language)
        broken.push(...(await axe(page)).map((rule) => `axe ${rule}`));
      for (const fault of broken) faults.push(`${file}: ${fault}`);
    }
    for (const fault of await axe(page)) faults.push(`${name} ${language} ${theme}: axe ${fault}`);
  }
}

async function signInShots(browser) {
  const context = await profile(browser);
  const page = await context.newPage();
  const heard = complaints(page);
  await page.goto('/');
  await by(page, 'sign-in').waitFor();
  const control = await remoteControl(context);
  await shoot(page, control, 'sign-in');
  await by(page, 'user').fill('amy');
  await by(page, 'password').fill('wrong');
  await by(page, 'sign-in').click();
  await by(page, 'signin-failure').getByText(/\S/).waitFor();
  await shoot(page, control, 'sign-in-wrong');
  report('sign-in', heard);
  await context.close();
}

async function deskShots(browser, board) {
  const context = await profile(browser);
  const page = await context.newPage();
  const heard = complaints(page);
  let socket;
  let cut = false;
  await page.routeWebSocket('/ws', (opened) => {
    if (cut) void opened.close({ code: 4008 });
    else opened.connectToServer();
    socket = opened;
  });
  const control = await remoteControl(context);
  const withoutLink = async (name) => {
    cut = true;
    await socket.close({ code: 4008 });
    await by(page, 'banner-link').waitFor();
    await shoot(page, control, name);
    cut = false;
    await page.locator('[data-testid="link-state"][data-link="up"]').waitFor({ timeout: 15_000 });
  };
  await page.bringToFront();
  await signIn(page, 'amy');
  await by(page, 'start-shift').waitFor();
  await shoot(page, control, 'desk-start');

  await by(page, 'station-webrtc').check();
  await by(page, 'shift-start').click();
  await page.locator('[data-testid="state"] [data-status="ready"]').waitFor();
  await page.locator('[data-testid="leg-state"][data-leg="up"]').waitFor();
  await shoot(page, control, 'desk-ready');

  await by(page, 'state-menu').click();
  await by(page, 'choose-paused-lunch').waitFor();
  await shoot(page, control, 'desk-state-menu');
  await page.keyboard.press('Escape');
  await page.keyboard.press('?');
  await by(page, 'help-dialog').waitFor();
  await shoot(page, control, 'desk-help');
  await page.keyboard.press('Escape');

  // The customer leaves a message, which is among the open tickets of the next call.
  const message = await Telephone.open({ sip: settings.sip, user: '13800000001' });
  await message.call('4004');
  await until(
    () => message.heard.length > 2 * rate && loudness(message.last(1)) < 0.002,
    Boolean,
    'the prompt and the beep are over',
    20_000,
  );
  await new Promise((done) => setTimeout(done, 2000));
  await message.close();

  // An unknown caller whose name means harm, then the customer whom everybody knows.
  const stranger = await Telephone.open({ sip: settings.sip, user: '02166667777' });
  await stranger.call('4001');
  await by(page, 'offer').waitFor();
  await by(page, 'customer-unknown').waitFor();
  await shoot(page, control, 'desk-offer-unknown');
  await stranger.close();
  await by(page, 'offer').waitFor({ state: 'detached' });

  const caller = await Telephone.open({ sip: settings.sip, user: '13800000001' });
  await caller.call('4001');
  await by(page, 'customer-name').waitFor();
  await shoot(page, control, 'desk-offer');
  // On a slow machine the offer has rung out meanwhile; the caller is offered again.
  await by(page, 'answer').click({ timeout: 30_000 });
  await page.locator('[data-testid="call"][data-state="talking"]').waitFor({ timeout: 30_000 });
  await by(page, 'notes').fill(
    '客户询问订单 20261118-0043 的发货时间。 Promised to call back on Wednesday morning.',
  );
  await by(page, 'disposition-callback').check();
  await page.locator('[data-testid="save-state"][data-state="saved"]').waitFor();
  await page.locator('[data-testid="quality"]').waitFor();
  await shoot(page, control, 'desk-talking');
  await withoutLink('desk-talking-offline');
  await board();
  await page.bringToFront();

  await by(page, 'hold').click();
  await page.locator('[data-testid="call"][data-state="held"]').waitFor();
  await by(page, 'new-ticket').click();
  await by(page, 'ticket-subject').fill('设备噪音过大，要求上门检修');
  await shoot(page, control, 'desk-held-ticket');
  await by(page, 'ticket-submit').click();
  await by(page, 'toast').waitFor();
  await by(page, 'hold').click();
  await page.locator('[data-testid="call"][data-state="talking"]').waitFor();
  await by(page, 'keypad').click();
  await by(page, 'key-5').click();
  await shoot(page, control, 'desk-keypad');
  await page.keyboard.press('Escape');

  await caller.close();
  await page.locator('[data-testid="call"][data-state="wrap_up"]').waitFor();
  await shoot(page, control, 'desk-wrap-up');
  await page.locator('[data-testid="call"]').waitFor({ state: 'detached', timeout: 30_000 });
  await shoot(page, control, 'desk-unfinished');

  const trunk = await Telephone.open({ sip: settings.sip, port: Number(settings.trunk.split(':')[1]) });
  await by(page, 'recent').locator('[data-testid="call-number"]').first().click();
  await trunk.ringNext();
  await page.locator('[data-testid="call"][data-state="calling_customer"]').waitFor();
  await shoot(page, control, 'desk-calling');
  await by(page, 'hangup').click();
  await page.locator('[data-testid="call"]').waitFor({ state: 'detached', timeout: 30_000 });
  await trunk.close();

  await by(page, 'settings').waitFor({ state: 'attached' });
  await by(page, 'user-menu').click();
  await shoot(page, control, 'desk-user-menu');
  await by(page, 'open-settings').click();
  await shoot(page, control, 'desk-settings');
  await page.keyboard.press('Escape');
  await by(page, 'state-menu').click();
  await by(page, 'choose-paused-lunch').click();
  await page.locator('[data-testid="state"] [data-status="paused"]').waitFor();
  await shoot(page, control, 'desk-break');

  await withoutLink('desk-offline');

  // The same user in another window.
  const second = await context.newPage();
  await second.goto('/desk');
  await by(second, 'elsewhere').waitFor();
  await shoot(second, control, 'desk-elsewhere');
  await second.close();
  await page.bringToFront();
  report('desk', heard);
  await context.close();
}

async function boardShots(browser) {
  const context = await profile(browser);
  const page = await context.newPage();
  const heard = complaints(page);
  const control = await remoteControl(context);
  await page.bringToFront();
  await signIn(page, 'lena');
  await page.locator('[data-testid="agent-row"][data-agent="amy"]').waitFor();
  await shoot(page, control, 'board');
  await by(page, 'filter-status').selectOption('');
  await page.locator('[data-testid="agent-row"][data-agent="ben"]').waitFor();
  await shoot(page, control, 'board-all');
  await by(page, 'agent-search').fill('nobody is called so');
  await by(page, 'no-agents').waitFor();
  await shoot(page, control, 'board-empty');
  await by(page, 'wall').click();
  await shoot(page, control, 'board-wall');
  report('board', heard);
  await context.close();
}

function report(where, heard) {
  for (const text of heard) faults.push(`${where}: the page complains: ${text}`);
}

const server = await startServer();
const browser = await launch();
try {
  await signInShots(browser);
  await deskShots(browser, () => boardShots(browser));
} catch (error) {
  console.error(server.log().split('\n').slice(-40).join('\n'));
  throw error;
} finally {
  await browser.close();
  await server.stop();
}
console.log(`${shots} screenshots in ${folder}`);
for (const fault of new Set(faults)) console.error(fault);
if (faults.length > 0) process.exit(1);
console.log(
  'nothing overflows or is out of reach, no text is cut or missing, no accessibility rule is broken',
);
