// Starts a demo server of its own on free ports with an empty data folder, unless LINEDESK_URL names one that runs.
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { settings } from './browser.mjs';

const host = '127.0.0.1';

function freeTCP() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, host, () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

function freeUDP() {
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4');
    socket.once('error', reject);
    socket.bind(0, host, () => {
      const { port } = socket.address();
      socket.close(() => resolve(port));
    });
  });
}

/** @returns {Promise<{ stop: () => Promise<void>, log: () => string }>} */
export async function startServer(extra = []) {
  if (process.env.LINEDESK_URL) return { stop: async () => undefined, log: () => '' };
  const binary = process.env.LINEDESK_BIN ?? new URL('../../bin/linedesk', import.meta.url).pathname;
  if (!existsSync(binary))
    throw new Error(`${binary} is not there: run "make build" first, or set LINEDESK_BIN`);
  const data = mkdtempSync(join(tmpdir(), 'linedesk-web-'));
  const [http, sip, trunk] = [await freeTCP(), await freeUDP(), await freeUDP()];
  const rtp = 20_000 + 2 * Math.floor(Math.random() * 5000);
  const server = spawn(
    binary,
    [
      'demo',
      ...['--data', data, '--http', `${host}:${http}`, '--sip', `${host}:${sip}`],
      ...['--rtp', `${host}:${rtp}-${rtp + 499}`, '--trunk', `${host}:${trunk}`, ...extra],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let log = '';
  for (const stream of [server.stdout, server.stderr]) stream.on('data', (text) => (log += text));
  const ended = new Promise((resolve) => server.once('exit', resolve));
  Object.assign(settings, {
    base: `http://${host}:${http}`,
    sip: `${host}:${sip}`,
    trunk: `${host}:${trunk}`,
  });
  const stop = async () => {
    server.kill('SIGTERM');
    const hard = setTimeout(() => server.kill('SIGKILL'), 10_000);
    await ended;
    clearTimeout(hard);
    rmSync(data, { recursive: true, force: true });
  };
  const deadline = Date.now() + 30_000;
  for (;;) {
    const ready = await fetch(`${settings.base}/readyz`).then(
      (response) => response.ok,
      () => false,
    );
    if (ready) return { stop, log: () => log };
    if (server.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error(`the server did not get ready:\n${log}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
