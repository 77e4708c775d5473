// Empties dist but for the placeholder, which is committed so that the Go packages build before npm ran.
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const dist = new URL('../dist/', import.meta.url).pathname;
mkdirSync(dist, { recursive: true });
for (const name of readdirSync(dist)) {
  if (name !== 'placeholder.html') rmSync(join(dist, name), { recursive: true });
}
