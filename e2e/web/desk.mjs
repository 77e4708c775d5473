// The desk in a real browser with real calls, sound measured at both ends: a caller comes through the menu, the
// customer pops, answer, mute, hold, a lost websocket, a reload in mid-call, wrap-up, ticket, a call out, take-over.
//
//   node desk.mjs
//
// LINEDESK_URL, LINEDESK_SIP and LINEDESK_TRUNK name a running demo server; without them it starts one of its own.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { axe, by, complaints, launch, profile, settings, signIn } from './browser.mjs';
import { listen, playsTone, silent, until } from './ear.mjs';
import { startServer } from './server.mjs';
import { loudness, strength, toneFile } from './sound.mjs';
import { Telephone } from './telephone.mjs';

const callerTone = 440;
const agentTone = 880;
const calleeTone = 660;

const folder = mkdtempSync(join(tmpdir(), 'linedesk-tone-'));
const microphone = join(folder, 'tone.wav');
writeFileSync(microphone, toneFile(agentTone));

const server = await startServer(process.argv.slice(2));
const browser = await launch({ microphone });
const phones = [];
const openPhone = async (options) => {
  const phone = await Telephone.open({ sip: settings.sip, ...options });
  phones.push(phone);
  return phone;
};
const say = (what, ms) => console.log(`  ${what.padEnd(64)}${ms === undefined ? 'ok' : `${ms} ms`}`);
const hears = (phone, frequency) => () => strength(phone.last(0.4), frequency);
const loud = (s) => s > 0.05;
const quiet = (s) => s < 0.005;
let sockets = [];

/** A page whose websocket the test can cut. */
async function openDesk(context) {
  const page = await context.newPage();
  await page.routeWebSocket('/ws', (socket) => {
    socket.connectToServer();
    sockets.push(socket);
  });
  return page;
}

/** Waits until the focus is on the element with this id; the body, where lost focus goes, has none. */
async function focusOn(page, id, when) {
  const at = () => page.evaluate(() => document.activeElement?.id);
  await until(at, (found) => found === id, `the focus goes to ${id}: ${when}`, 3000);
}

async function api(page, path) {
  const response = await page.request.get(`${settings.base}/api/v1${path}`);
  assert.equal(response.status(), 200, path);
  return response.json();
}

/** The agent's leg of a finished call had sound both ways, and the figures are of this call's stretch alone. */
function agentHeard(detail) {
  const [leg, ...more] = detail.legs.filter((l) => l.agent === 'amy');
  assert.deepEqual(more, [], 'one leg of the agent');
  const { packets_in, packets_out, loss_pct, mos, codec } = leg.quality;
  const figures = JSON.stringify(leg.quality);
  const seconds = (Date.parse(leg.ended_at) - Date.parse(leg.started_at)) / 1000;
  // A packet every 20 ms at the most; a second's worth more, since Chrome evens out what it was late with.
  const most = 50 * (seconds + 1);
  assert.ok(packets_in > 0 && packets_in <= most, `packets in, ${seconds} s: ${figures}`);
  assert.ok(packets_out > 0 && packets_out <= most, `packets out, ${seconds} s: ${figures}`);
  assert.ok(loss_pct < 5, `a hold, a mute or a reload is no loss: ${figures}`);
  assert.ok(mos >= 1 && mos <= 4.5, `MOS: ${figures}`);
  assert.equal(codec, 'PCMU');
  say(`the agent's leg: ${packets_in} in, ${packets_out} out, ${loss_pct} %, MOS ${mos}`);
}

/** The newest finished call that fits. */
async function logged(page, fits, timeout = 5000) {
  let found;
  await until(
    async () => {
      found = (await api(page, '/calls?limit=10')).items.find(fits);
      return found;
    },
    (item) => item !== undefined,
    'the call is in the log',
    timeout,
  );
  return api(page, `/calls/${found.id}`);
}

async function run() {
  // First, while the port is surely free: where the server's trunk leads.
  const callee = await openPhone({
    tone: calleeTone,
    port: Number(settings.trunk.split(':')[1]),
    user: '13800000001',
  });
  const context = await profile(browser, { processing: false });
  let page = await openDesk(context);
  const heard = complaints(page);
  await signIn(page, 'amy');

  await focusOn(page, 'station', 'at first sight');
  await by(page, 'station-webrtc').check();
  await by(page, 'shift-start').press('Enter');
  const legUp = (p) => p.locator('[data-testid="leg-state"][data-leg="up"]').waitFor();
  const start = performance.now();
  await legUp(page);
  say('shift started, browser leg up', Math.round(performance.now() - start));
  await page.locator('[data-testid="state"] [data-status="ready"]').waitFor();
  await focusOn(page, 'state-menu', 'after the start of the shift');

  // ---- A break and back, by keys, while nothing has the focus ----
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press('Alt+b');
  await until(
    () => page.evaluate(() => document.activeElement?.dataset.testid),
    (id) => id === 'choose-ready',
    'the focus goes into the menu of states',
    3000,
  );
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.locator('[data-testid="state"] [data-status="paused"]').waitFor();
  await focusOn(page, 'state-menu', 'after the choice of a break');
  await by(page, 'get-ready').press('Enter');
  await page.locator('[data-testid="state"] [data-status="ready"]').waitFor();
  await focusOn(page, 'state-menu', 'after getting ready');

  // ---- A caller through the menu ----
  const caller = await openPhone({ tone: callerTone, user: '13800000001' });
  await caller.call('4000');
  say(
    'menu heard',
    await until(
      () => loudness(caller.last(0.5)),
      (rms) => rms > 0.01,
      'the caller hears the menu',
    ),
  );
  // The settings are open when it rings: they give way.
  await by(page, 'user-menu').click();
  await by(page, 'open-settings').click();
  await by(page, 'settings').waitFor();
  caller.press('2');
  await by(page, 'offer').waitFor();
  await by(page, 'settings').waitFor({ state: 'hidden' });
  await until(
    () => page.evaluate(() => document.activeElement?.dataset.testid),
    (id) => id === 'answer',
    'the focus goes to Answer',
    3000,
  );
  assert.match(await by(page, 'live-assertive').textContent(), /王芳/);
  assert.equal(await by(page, 'offer-who').textContent(), '王芳');
  assert.equal(await by(page, 'customer-name').textContent(), '王芳');
  assert.equal(await by(page, 'grade').first().getAttribute('title'), 'Grade AAA');
  assert.ok((await by(page, 'ticket-item').count()) > 0, 'open tickets are shown');
  assert.ok((await by(page, 'call-item').count()) > 0, 'last calls are shown');
  say('customer popped before the answer');
  caller.forget();
  say(
    'music heard',
    await until(
      () => loudness(caller.last(0.5)),
      (rms) => rms > 0.005,
      'the caller hears music',
    ),
  );

  await page.keyboard.press('Alt+a');
  say(
    'answer → caller heard at the desk',
    await until(() => listen(page), playsTone(callerTone), 'the desk hears the caller'),
  );
  say(
    '… and agent heard by the caller',
    await until(hears(caller, agentTone), loud, 'the caller hears the agent'),
  );
  await page.locator('[data-testid="call"][data-state="talking"]').waitFor();
  const callID = await by(page, 'call').getAttribute('data-call');
  await focusOn(page, 'call-controls', 'after the answer');
  assert.equal(await by(page, 'live-assertive').textContent(), '', 'nobody is told of a ring that is over');

  // ---- Mute and hold ----
  await page.keyboard.press('Alt+m');
  say(
    'mute → silence for the caller',
    await until(hears(caller, agentTone), quiet, 'the caller hears silence'),
  );
  assert.ok(playsTone(callerTone)(await listen(page)), 'a muted agent still hears');
  await page.keyboard.press('Alt+m');
  say(
    'unmute → agent heard again',
    await until(hears(caller, agentTone), loud, 'the caller hears the agent again'),
  );

  await by(page, 'hold').click();
  await page.locator('[data-testid="call"][data-state="held"]').waitFor();
  say('hold → silence at the desk', await until(() => listen(page), silent, 'the desk hears silence'));
  await until(hears(caller, agentTone), quiet, 'a caller on hold does not hear the agent');
  await until(
    () => loudness(caller.last(0.5)),
    (rms) => rms > 0.005,
    'a caller on hold hears music',
  );
  await by(page, 'hold').click();
  say(
    'resume → caller heard at the desk',
    await until(() => listen(page), playsTone(callerTone), 'the desk hears the caller'),
  );
  await until(hears(caller, agentTone), loud, 'the caller hears the agent');

  // ---- Notes, and a websocket that breaks under them ----
  await by(page, 'notes').fill('Wants to know ');
  await page.locator('[data-testid="save-state"][data-state="saved"]').waitFor();
  const gap = caller.packets;
  for (const socket of sockets.splice(0)) await socket.close({ code: 4008, reason: 'cut by the test' });
  await by(page, 'notes').pressSequentially('when it will be sent.');
  const cut = performance.now();
  await page.locator('[data-testid="link-state"][data-link="up"]').waitFor();
  assert.ok(playsTone(callerTone)(await listen(page)), 'the call goes on without the websocket');
  await page.locator('[data-testid="save-state"][data-state="saved"]').waitFor();
  say('websocket cut: back, notes saved, sound never gone', Math.round(performance.now() - cut));
  assert.ok(caller.packets > gap);

  // ---- A reload in mid-call ----
  const reload = performance.now();
  await page.reload({ waitUntil: 'commit' });
  await until(
    () => listen(page).catch(() => null),
    playsTone(callerTone),
    'the desk hears the caller after the reload',
  );
  // What is promised is the same call, its caller heard again; how soon, a machine's load decides too: it is told, not
  // asserted.
  say('reload → caller heard at the desk', Math.round(performance.now() - reload));
  await until(hears(caller, agentTone), loud, 'the caller hears the agent after the reload');
  say('… and agent heard by the caller', Math.round(performance.now() - reload));
  await page.locator('[data-testid="call"][data-state="talking"]').waitFor();
  await focusOn(page, 'call-controls', 'after a reload in mid-call');
  assert.equal(await by(page, 'notes').inputValue(), 'Wants to know when it will be sent.');
  assert.equal(await by(page, 'customer-name').textContent(), '王芳');

  // ---- Take-over by a second page, and back ----
  const second = await openDesk(context);
  await second.goto('/desk');
  await by(second, 'elsewhere').waitFor();
  await focusOn(second, 'take-over', 'at first sight');
  await by(second, 'take-over').press('Enter');
  await by(page, 'elsewhere').waitFor();
  say(
    'take-over → caller heard in the second page',
    await until(() => listen(second), playsTone(callerTone), 'the second page hears the caller'),
  );
  assert.ok(silent(await listen(page)), 'the first page is silent');
  await focusOn(second, 'call-controls', 'after the take-over');
  await until(hears(caller, agentTone), loud, 'the caller hears the agent through the second page');
  await page.close();
  page = second;

  // ---- Ticket, disposition, wrap-up ----
  await by(page, 'new-ticket').click();
  await by(page, 'ticket-kind').selectOption('complaint');
  await by(page, 'ticket-subject').fill('Parcel is late');
  await by(page, 'ticket-text').fill('Promised an answer by tomorrow.');
  await by(page, 'ticket-urgency-urgent').check();
  await by(page, 'ticket-submit').click();
  await by(page, 'toast')
    .filter({ hasText: /Ticket C-/ })
    .waitFor();
  await page.keyboard.press('Alt+2');
  assert.ok(await by(page, 'disposition-callback').isChecked());
  await caller.hangUp();
  await page.locator('[data-testid="call"][data-state="wrap_up"]').waitFor();
  await page.keyboard.press('Control+Enter');
  await page.locator('[data-testid="state"] [data-status="ready"]').waitFor();
  await focusOn(page, 'state-menu', 'after the wrap-up');
  const inbound = await logged(page, (item) => item.id === callID && item.disposition === 'callback');
  assert.equal(inbound.notes, 'Wants to know when it will be sent.');
  assert.equal(inbound.queue, 'support');
  assert.equal(inbound.agent, 'amy');
  agentHeard(inbound);
  const tickets = await api(page, '/tickets?limit=20');
  const ticket = tickets.items.find((t) => t.call === callID);
  assert.equal(ticket?.subject, 'Parcel is late');
  assert.equal(ticket.urgency, 'urgent');
  assert.ok(ticket.due_at, 'the promised deadline is stored');
  say('disposition, notes and ticket stored');

  // ---- One that is refused ----
  await by(page, 'recent').locator('[data-testid="call-number"]').first().click();
  await callee.refuseNext();
  await page.locator('[data-testid="call"][data-state="unreached"]').waitFor();
  assert.equal(await by(page, 'unreached').textContent(), 'Busy');
  await by(page, 'live-polite').filter({ hasText: 'Not reached: Busy' }).waitFor({ state: 'attached' });
  say('the desk says why a customer is not reached');
  await page.locator('[data-testid="call"][data-state="wrap_up"]').waitFor({ timeout: 15_000 });
  await page.keyboard.press('Control+Enter');
  await page.locator('[data-testid="call"]').waitFor({ state: 'detached' });

  // ---- A click to call out ----
  await by(page, 'recent').locator('[data-testid="call-number"]').first().click();
  await page.locator('[data-testid="call"][data-state="calling_customer"]').waitFor();
  const dialled = await callee.answerNext();
  say(`clicked to call, trunk was asked for ${dialled}`);
  say(
    'customer heard at the desk',
    await until(() => listen(page), playsTone(calleeTone), 'the desk hears the customer'),
  );
  say(
    'agent heard by the customer',
    await until(hears(callee, agentTone), loud, 'the customer hears the agent'),
  );
  await page.locator('[data-testid="call"][data-direction="outbound"][data-state="talking"]').waitFor();
  await focusOn(page, 'call-controls', 'after a click to call');
  const outboundID = await by(page, 'call').getAttribute('data-call');
  const dialledName = (await by(page, 'call-who').textContent()).trim();
  assert.match(dialledName, /^\D+$/, 'who is called has a name');
  assert.match(await by(page, 'call').textContent(), /Outbound/);
  // Where Hang up was, Call back is a moment later: the second click must not call the customer.
  await by(page, 'hangup').dblclick();
  await callee.gone();
  const outbound = await logged(page, (item) => item.id === outboundID);
  assert.equal(outbound.direction, 'outbound');
  assert.equal(outbound.agent, 'amy');
  assert.ok(outbound.talk_ms > 0);
  agentHeard(outbound);
  assert.equal(callee.invites.length, 0, 'a double click on Hang up does not call back');
  say('outbound call logged');

  // ---- What was dialled has a name, and a line of its own where others have their queue ----
  if (await by(page, 'call').isVisible()) await page.keyboard.press('Control+Enter');
  await page.locator('[data-testid="call"]').waitFor({ state: 'detached', timeout: 30_000 });
  const dialledItem = page.locator(`[data-testid="call-item"][data-call="${outboundID}"]`);
  await dialledItem.waitFor();
  assert.ok((await dialledItem.textContent()).includes(dialledName), `${dialledName} in the list`);
  assert.match(await dialledItem.textContent(), /Outbound/);

  // ---- End of the shift ----
  await by(page, 'state-menu').press('Enter');
  await by(page, 'choose-off').press('Enter');
  await by(page, 'start-shift').waitFor();
  await focusOn(page, 'station', 'after the end of the shift');
  say('the focus is never lost');

  // ---- A wrong address, and an English browser whose user has chosen no language ----
  await page.goto('/no-such-page');
  await page.getByRole('link', { name: 'To the start page' }).waitFor();
  assert.deepEqual(await axe(page), [], 'the page of a wrong address is accessible');
  await page.getByRole('link', { name: '返回首页' }).click();
  await page.waitForSelector('[data-ready="true"]');
  say('a wrong address leads home');
  for (const [locale, language] of [
    ['en-GB', 'en'],
    ['zh-CN', 'zh-CN'],
  ]) {
    const fresh = await browser.newContext({ locale, baseURL: settings.base });
    const first = await fresh.newPage();
    await signIn(first, 'chen');
    assert.equal(await first.evaluate(() => document.documentElement.lang), language, locale);
    await fresh.close();
  }
  say('a browser gets a desk in its language');

  assert.deepEqual(
    heard.filter((text) => !/WebSocket/.test(text)),
    [],
    'the page has nothing to complain about',
  );
}

try {
  await run();
  console.log('desk: all well');
} catch (error) {
  console.error(error);
  console.error(server.log().split('\n').slice(-60).join('\n'));
  process.exitCode = 1;
} finally {
  for (const phone of phones) await phone.close().catch(() => undefined);
  await browser.close();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}
