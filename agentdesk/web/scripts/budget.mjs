// Adds up, per page, the script and style that a browser loads before the page works (gzip, fonts left
// out), prints the sums and fails when one is over its budget.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const dist = new URL('../dist/', import.meta.url).pathname;
const budgets = { 'index.html': 60, 'desk.html': 110, 'board.html': 120 }; // KB, 1 KB = 1000 bytes
const manifest = JSON.parse(readFileSync(join(dist, 'assets/manifest.json'), 'utf8'));

function files(key, seen = new Set()) {
  const chunk = manifest[key];
  if (!chunk || seen.has(chunk.file)) return seen;
  seen.add(chunk.file);
  for (const css of chunk.css ?? []) seen.add(css);
  for (const next of chunk.imports ?? []) files(next, seen);
  return seen;
}

let over = false;
for (const [page, budget] of Object.entries(budgets)) {
  let bytes = gzipSync(readFileSync(join(dist, page))).length;
  for (const file of files(page)) bytes += gzipSync(readFileSync(join(dist, file))).length;
  const kb = bytes / 1000;
  const verdict = kb <= budget ? 'ok' : 'OVER';
  if (kb > budget) over = true;
  console.log(`${page.padEnd(12)} ${kb.toFixed(1).padStart(6)} KB gz of ${budget} KB  ${verdict}`);
}
if (over) process.exit(1);
