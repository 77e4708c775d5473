// A SIP telephone for tests: calls in as a carrier would, or answers what the server sends to its trunk. It
// says one tone all the time and keeps the last seconds of what it hears.
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { frame, fromMuLaw, rate, toMuLaw } from './sound.mjs';

const host = '127.0.0.1';
const keep = rate * 10; // samples
const id = () => randomBytes(8).toString('hex');

function bind(port = 0) {
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4');
    socket.once('error', reject);
    socket.bind(port, host, () => resolve(socket));
  });
}

function parse(text) {
  const [head, body = ''] = text.split('\r\n\r\n');
  const [first, ...lines] = head.split('\r\n');
  const headers = {};
  for (const line of lines) {
    const at = line.indexOf(':');
    const name = line.slice(0, at).trim().toLowerCase();
    (headers[name] ??= []).push(line.slice(at + 1).trim());
  }
  return { first, headers, body, status: /^SIP\/2\.0 (\d+)/.exec(first)?.[1], method: first.split(' ')[0] };
}

export class Telephone {
  /** @param {{ sip: string, tone?: number, port?: number, user?: string }} options */
  static async open({ sip, tone = 440, port = 0, user = '13800000001' }) {
    const phone = new Telephone();
    const [serverHost, serverPort] = sip.split(':');
    phone.server = { host: serverHost, port: Number(serverPort) };
    phone.user = user;
    phone.tone = tone;
    phone.signal = await bind(port);
    phone.rtp = await bind();
    phone.heard = [];
    phone.packets = 0;
    phone.invites = []; // calls that came in
    phone.waiting = [];
    phone.sequence = 1;
    phone.timestamp = 0;
    phone.ssrc = randomBytes(4).readUInt32BE();
    phone.digits = [];
    phone.signal.on('message', (data, from) => phone.took(parse(data.toString('utf8')), from));
    phone.rtp.on('message', (data) => phone.hear(data));
    return phone;
  }

  /** Calls a number and resolves when it was answered. */
  async call(number, timeout = 5000) {
    this.over = false;
    this.callID = id();
    this.fromTag = id();
    this.to = `<sip:${number}@${host}>`;
    this.cseq = 1;
    this.branch = `z9hG4bK${id()}`;
    this.invite = this.request('INVITE', this.branch, this.sdp());
    const answered = this.wait(
      (m) => m.status && m.headers.cseq[0].includes('INVITE') && Number(m.status) >= 200,
      timeout,
    );
    const again = setInterval(() => this.send(this.invite), 500);
    this.send(this.invite);
    const answer = await answered.finally(() => clearInterval(again));
    this.to = answer.headers.to[0];
    if (answer.status !== '200') {
      this.send(this.request('ACK', this.branch));
      throw new Error(`${number} was not answered: ${answer.first}`);
    }
    const contact = /<([^>]+)>/.exec(answer.headers.contact?.[0] ?? '');
    this.target = contact ? contact[1] : undefined;
    this.send(this.request('ACK', `z9hG4bK${id()}`));
    this.speak(answer.body);
  }

  /** Waits for a call to come in and answers it; gives the number that was dialled. */
  async answerNext(timeout = 10_000) {
    const invite = this.invites.shift() ?? (await this.wait((m) => m.method === 'INVITE', timeout));
    this.over = false;
    const tag = id();
    this.reply(invite, '180 Ringing', tag);
    const sdp = this.sdp();
    this.answered = { invite, tag };
    this.reply(invite, '200 OK', tag, sdp);
    // Towards us the sides of the dialog are the other way round.
    this.callID = invite.headers['call-id'][0];
    this.to = invite.headers.from[0];
    this.local = `${invite.headers.to[0]};tag=${tag}`;
    this.target = /<([^>]+)>/.exec(invite.headers.contact?.[0] ?? '')?.[1];
    this.cseq = 100;
    this.speak(invite.body);
    return /sip:([^@]+)@/.exec(invite.first)?.[1];
  }

  /** Waits for a call to come in and refuses it. */
  async refuseNext(status = '486 Busy Here', timeout = 10_000) {
    const invite = this.invites.shift() ?? (await this.wait((m) => m.method === 'INVITE', timeout));
    this.reply(invite, status, id());
  }

  /** Waits for a call to come in and rings. */
  async ringNext(timeout = 10_000) {
    const invite = this.invites.shift() ?? (await this.wait((m) => m.method === 'INVITE', timeout));
    this.reply(invite, '180 Ringing', id());
  }

  /** Presses a key for 100 ms (RFC 4733). */
  press(key) {
    this.digits.push(key);
  }

  /** Forgets what was heard: what comes now is new. */
  forget() {
    this.heard = [];
  }

  /** What was heard in the last seconds. */
  last(seconds = 1) {
    return this.heard.slice(-Math.round(seconds * rate));
  }

  async hangUp() {
    if (this.over || !this.callID) return;
    this.over = true;
    this.quiet();
    this.cseq++;
    const done = this.wait((m) => m.status && m.headers.cseq[0].includes('BYE'), 3000).catch(() => undefined);
    this.send(this.request('BYE', `z9hG4bK${id()}`));
    await done;
  }

  async close() {
    await this.hangUp();
    this.quiet();
    this.signal.close();
    this.rtp.close();
  }

  /** Resolves when the far end has hung up. */
  async gone(timeout = 10_000) {
    if (!this.over) await this.wait((m) => m.method === 'BYE', timeout);
  }

  // ---- Signalling ----

  request(method, branch, body = '') {
    const { address, port } = this.signal.address();
    const uri = method === 'INVITE' || !this.target ? /<([^>]+)>/.exec(this.to)[1] : this.target;
    return [
      `${method} ${uri} SIP/2.0`,
      `Via: SIP/2.0/UDP ${address}:${port};branch=${branch};rport`,
      'Max-Forwards: 70',
      `From: ${this.local ?? `<sip:${this.user}@${address}>;tag=${this.fromTag}`}`,
      `To: ${this.to}`,
      `Call-ID: ${this.callID}`,
      `CSeq: ${this.cseq} ${method}`,
      `Contact: <sip:${this.user}@${address}:${port}>`,
      ...(body ? ['Content-Type: application/sdp'] : []),
      `Content-Length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n');
  }

  reply(request, status, tag, body = '') {
    const { address, port } = this.signal.address();
    const to = request.headers.to[0];
    this.send(
      [
        `SIP/2.0 ${status}`,
        ...request.headers.via.map((via) => `Via: ${via}`),
        `From: ${request.headers.from[0]}`,
        `To: ${tag && !to.includes(';tag=') ? `${to};tag=${tag}` : to}`,
        `Call-ID: ${request.headers['call-id'][0]}`,
        `CSeq: ${request.headers.cseq[0]}`,
        `Contact: <sip:${this.user}@${address}:${port}>`,
        ...(body ? ['Content-Type: application/sdp'] : []),
        `Content-Length: ${Buffer.byteLength(body)}`,
        '',
        body,
      ].join('\r\n'),
    );
  }

  took(message, from) {
    if (message.method === 'BYE') {
      this.over = true;
      this.quiet();
      this.reply(message, '200 OK');
    } else if (message.method === 'OPTIONS') {
      this.reply(message, '200 OK', id());
    } else if (message.method === 'CANCEL') {
      this.reply(message, '200 OK');
    } else if (message.method === 'INVITE') {
      this.server = { host: from.address, port: from.port };
      if (this.answered?.invite.headers['call-id'][0] === message.headers['call-id'][0]) return; // sent again
    }
    const found = this.waiting.findIndex((w) => w.wanted(message));
    if (found >= 0) this.waiting.splice(found, 1)[0].resolve(message);
    else if (message.method === 'INVITE') this.invites.push(message);
  }

  wait(wanted, timeout) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.waiting = this.waiting.filter((w) => w !== waiter);
        reject(new Error(`telephone ${this.user}: nothing came within ${timeout} ms`));
      }, timeout);
      const waiter = {
        wanted,
        resolve: (message) => {
          clearTimeout(timer);
          resolve(message);
        },
      };
      this.waiting.push(waiter);
    });
  }

  send(text) {
    this.signal.send(text, this.server.port, this.server.host);
  }

  sdp() {
    const { address, port } = this.rtp.address();
    return [
      'v=0',
      `o=- 1 1 IN IP4 ${address}`,
      's=-',
      `c=IN IP4 ${address}`,
      't=0 0',
      `m=audio ${port} RTP/AVP 0 101`,
      'a=rtpmap:0 PCMU/8000',
      'a=rtpmap:101 telephone-event/8000',
      'a=fmtp:101 0-16',
      'a=ptime:20',
      '',
    ].join('\r\n');
  }

  // ---- Sound ----

  speak(sdp) {
    this.quiet();
    const far = { host: /c=IN IP4 (\S+)/.exec(sdp)?.[1] ?? host, port: Number(/m=audio (\d+)/.exec(sdp)[1]) };
    let next = performance.now();
    this.speaker = setInterval(() => {
      // As many packets as time has passed for: timers come late.
      for (; next <= performance.now(); next += 20) {
        if (this.pressing || this.digits.length > 0) this.sayKey(far);
        else this.sayTone(far);
      }
    }, 10);
  }

  quiet() {
    clearInterval(this.speaker);
  }

  sayTone(far) {
    const payload = Buffer.alloc(frame);
    for (let i = 0; i < frame; i++) {
      payload[i] = toMuLaw(0.3 * Math.sin((2 * Math.PI * this.tone * (this.timestamp + i)) / rate));
    }
    this.packet(far, 0, false, this.timestamp, payload);
    this.timestamp += frame;
  }

  sayKey(far) {
    this.pressing ??= { code: '0123456789*#'.indexOf(this.digits.shift()), step: 0, at: this.timestamp };
    const key = this.pressing;
    const step = key.step++;
    const end = step >= 5; // five packets, then the end three times
    const duration = Math.min(step + 1, 6) * frame;
    this.packet(
      far,
      101,
      step === 0,
      key.at,
      Buffer.from([key.code, (end ? 0x80 : 0) | 10, duration >> 8, duration & 0xff]),
    );
    this.timestamp += frame;
    if (step === 7) this.pressing = undefined;
  }

  packet(far, type, marker, timestamp, payload) {
    const header = Buffer.alloc(12);
    header[0] = 0x80;
    header[1] = (marker ? 0x80 : 0) | type;
    header.writeUInt16BE(this.sequence++ & 0xffff, 2);
    header.writeUInt32BE(timestamp >>> 0, 4);
    header.writeUInt32BE(this.ssrc, 8);
    this.rtp.send(Buffer.concat([header, payload]), far.port, far.host);
  }

  hear(data) {
    if (data.length < 12 || (data[1] & 0x7f) !== 0) return;
    this.packets++;
    for (const byte of data.subarray(12)) this.heard.push(fromMuLaw(byte));
    if (this.heard.length > keep) this.heard = this.heard.slice(-keep / 2);
  }
}
