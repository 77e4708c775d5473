// Two desks in two real browsers and a caller: asked beside the call, swapped, handed over, parked, taken up, handed over
// blind and back. Who hears whom is measured at every ear.
//
//   node handover.mjs
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
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
import { listen, playsTone, until } from './ear.mjs';
import { startServer } from './server.mjs';
import { loudness, strength, toneFile } from './sound.mjs';
import { Telephone } from './telephone.mjs';

const tones = { caller: 440, amy: 880, ben: 660 };

const folder = mkdtempSync(join(tmpdir(), 'linedesk-handover-'));
const say = (what) => console.log(`  ${what}`);
const server = await startServer(process.argv.slice(2));
const browsers = [];
const phones = [];
const heard = {};

/** An agent's desk in a browser of its own, with a tone for a voice. */
async function desk(agent, language) {
  const microphone = join(folder, `${agent}.wav`);
  writeFileSync(microphone, toneFile(tones[agent]));
  const browser = await launch({ microphone });
  browsers.push(browser);
  const context = await profile(browser, { processing: false, language });
  const page = await context.newPage();
  heard[agent] = complaints(page);
  await signIn(page, agent);
  await by(page, 'station-webrtc').check();
  await by(page, 'shift-start').press('Enter');
  await page.locator('[data-testid="leg-state"][data-leg="up"]').waitFor();
  return page;
}

const inCall = (page, state) => page.locator(`[data-testid="call"][data-state="${state}"]`).waitFor();
const consult = (page, state) => page.locator(`[data-testid="consult"][data-state="${state}"]`).waitFor();
const status = (page, word) => page.locator(`[data-testid="state"] [data-status="${word}"]`).waitFor();

/** What the phone hears of somebody's tone, and whether it hears anything at all. */
const ofTone = (phone, who) => () => strength(phone.last(0.4), tones[who]);
const callerHears = (phone, who) => until(ofTone(phone, who), (s) => s > 0.05, `the caller hears ${who}`);
const callerHearsNot = (phone, who) =>
  until(ofTone(phone, who), (s) => s < 0.005, `the caller does not hear ${who}`);
const deskHears = (page, who, what) => until(() => listen(page), playsTone(tones[who]), what);
const callerHearsMusic = async (phone) => {
  for (const who of ['amy', 'ben']) await callerHearsNot(phone, who);
  await until(
    () => loudness(phone.last(0.5)),
    (rms) => rms > 0.005,
    'the caller hears music',
  );
};

/** Waits until the page has taken its new size, and has been painted with it. */
async function laidOut(page, width, height) {
  await page.waitForFunction(([w, h]) => innerWidth === w && innerHeight === h, [width, height]);
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

const sizes = [
  [683, 384],
  [1920, 1080],
  [1366, 768],
];

/** At every size nothing is cut, missing, out of reach, or out of the rules of accessibility. */
async function sound(page, what) {
  assert.deepEqual(await axe(page), [], `${what}: accessible`);
  assert.deepEqual(await missingText(page), [], `${what}: no text is missing`);
  for (const [width, height] of sizes) {
    await page.setViewportSize({ width, height });
    await laidOut(page, width, height);
    const at = `${what} at ${width}×${height}`;
    assert.deepEqual(await overflow(page, { scrolls: width < 1024 }), [], `${at}: fits`);
    assert.deepEqual(await cutText(page), [], `${at}: no text is cut`);
    assert.deepEqual(await outOfReach(page), [], `${at}: everything can be reached`);
  }
}

/** Opens the dialog by keys, and types. */
async function choose(page, typed) {
  await page.keyboard.press('Alt+t');
  await by(page, 'handover').waitFor();
  await by(page, 'handover-find').fill(typed);
}

async function run() {
  const amy = await desk('amy', 'en');
  const ben = await desk('ben', 'zh-CN');
  await status(amy, 'ready');
  await by(ben, 'state-menu').click();
  await ben.locator('[data-testid^="choose-paused"]').first().click();
  await status(ben, 'paused'); // no queue rings him, colleagues may ask him

  const caller = await Telephone.open({
    sip: settings.sip,
    tone: tones.caller,
    user: '13800000001',
  });
  phones.push(caller);
  const answered = caller.call('4001');
  await by(amy, 'offer').waitFor();
  await answered;
  await amy.keyboard.press('Alt+a');
  await deskHears(amy, 'caller', 'amy hears the caller');
  await callerHears(caller, 'amy');
  say('amy talks with the caller');

  // ---- The dialog: who is there and who can not be had; a refusal moves nothing ----
  await choose(amy, 'chen');
  await by(amy, 'target-agent:chen').waitFor();
  assert.equal(
    await by(amy, 'target-agent:chen').getAttribute('aria-disabled'),
    'true',
    'who is off can not be chosen',
  );
  assert.equal(await by(amy, 'hand-over').isDisabled(), true);
  await by(amy, 'handover-find').fill('');
  await sound(amy, 'the dialog');
  await by(amy, 'handover-find').fill('999999');
  await by(amy, 'target-999999').waitFor();
  await by(amy, 'handover-find').fill('ben');
  await by(amy, 'target-agent:ben').waitFor();

  // ---- Ask first ----
  await amy.keyboard.press('Control+Enter');
  await by(amy, 'handover').waitFor({ state: 'hidden' });
  await consult(amy, 'calling');
  await by(ben, 'offer').waitFor();
  assert.match(await by(ben, 'offer-why').textContent(), /咨询/, 'his desk says why it rings');
  assert.equal(await by(ben, 'offer-who').textContent(), '王芳', 'and shows the customer, not amy');
  assert.equal(await by(ben, 'customer-name').textContent(), '王芳');
  await callerHearsMusic(caller);
  await ben.keyboard.press('Alt+a');
  await deskHears(ben, 'amy', 'ben hears amy');
  await deskHears(amy, 'ben', 'amy hears ben');
  await consult(amy, 'speaking');
  await inCall(ben, 'consulting');
  assert.match(await by(ben, 'asked-by').textContent(), /咨询/);
  await callerHearsMusic(caller);
  await sound(amy, 'asking');
  await sound(ben, 'being asked');
  say('amy asks ben, and the caller hears music');

  await amy.keyboard.press('Alt+s');
  await consult(amy, 'waiting');
  await deskHears(amy, 'caller', 'amy hears the caller again');
  await callerHears(caller, 'amy');
  await callerHearsNot(caller, 'ben');
  await amy.keyboard.press('Alt+s');
  await deskHears(amy, 'ben', 'amy hears ben again');
  await callerHearsMusic(caller);
  say('she swaps, and back');

  await amy.keyboard.press('Alt+o');
  await deskHears(ben, 'caller', 'ben hears the caller');
  await callerHears(caller, 'ben');
  await callerHearsNot(caller, 'amy');
  await inCall(ben, 'talking');
  await inCall(amy, 'wrap_up');
  say('she hands over: ben and the caller talk, she wraps up');

  // ---- Parked, and taken up by her ----
  await amy.keyboard.press('Control+Enter');
  await status(amy, 'ready');
  await by(amy, 'state-menu').click();
  await amy.locator('[data-testid^="choose-paused"]').first().click();
  await status(amy, 'paused');
  await ben.keyboard.press('Alt+p');
  await inCall(ben, 'wrap_up');
  await callerHearsMusic(caller);
  await by(amy, 'take-1').waitFor();
  await sound(amy, 'a call is parked');
  await by(amy, 'take-1').click();
  await deskHears(amy, 'caller', 'amy hears the caller whom she took up');
  await callerHears(caller, 'amy');
  say('ben parks it, amy takes it up');

  // ---- Blind: he declines, and it comes back to her ----
  await ben.keyboard.press('Control+Enter');
  await status(ben, 'paused');
  await by(amy, 'state-menu').click();
  await by(amy, 'choose-ready').click(); // for after the call
  await choose(amy, 'ben');
  await by(amy, 'target-agent:ben').waitFor();
  await amy.keyboard.press('Enter');
  await inCall(amy, 'wrap_up');
  await by(ben, 'offer').waitFor();
  assert.match(await by(ben, 'offer-why').textContent(), /转来/);
  await callerHearsMusic(caller);
  await by(ben, 'decline').click();
  await by(amy, 'offer').waitFor();
  assert.match(await by(amy, 'offer-why').textContent(), /nobody took it/);
  await sound(amy, 'it is back');
  await amy.keyboard.press('Alt+a');
  await deskHears(amy, 'caller', 'amy hears the caller who is back');
  await callerHears(caller, 'amy');
  say('handed over blind and declined: it is back with amy');

  // ---- And once more, taken ----
  await choose(amy, '1002'); // by his extension
  await by(amy, 'target-agent:ben').waitFor();
  await amy.keyboard.press('Enter');
  await by(ben, 'offer').waitFor();
  await ben.keyboard.press('Alt+a');
  await deskHears(ben, 'caller', 'ben hears the caller');
  await callerHears(caller, 'ben');
  await callerHearsNot(caller, 'amy');
  await by(ben, 'hangup').click();
  await inCall(ben, 'wrap_up');
  say('handed over by extension, and ended');

  for (const [agent, complained] of Object.entries(heard))
    assert.deepEqual(
      complained.filter((text) => !/WebSocket/.test(text)),
      [],
      `${agent}'s page complains`,
    );
}

try {
  await run();
  console.log('handover: all well');
} catch (error) {
  console.error(error);
  console.error(server.log().split('\n').slice(-40).join('\n'));
  process.exitCode = 1;
} finally {
  for (const phone of phones) await phone.close().catch(() => undefined);
  for (const browser of browsers) await browser.close().catch(() => undefined);
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}
