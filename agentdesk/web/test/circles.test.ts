import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../src');

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sources(path);
    return /\.(ts|svelte)$/.test(entry.name) ? [path] : [];
  });
}

/** What a file imports of ours, types included: a circle of types is one of thoughts. */
function imports(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/\b(?:from|import)\s*['"](\.[^'"]+)['"]/g)].flatMap(([, path = '']) => {
    const base = resolve(dirname(file), path);
    const found = [base, `${base}.ts`, `${base}.svelte`].find((p) => existsSync(p) && statSync(p).isFile());
    return found && /\.(ts|svelte)$/.test(found) ? [found] : [];
  });
}

/** The circles of a graph, each as the way around it. */
function circles(graph: Map<string, string[]>): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const walk = (node: string, way: string[]) => {
    if (way.includes(node)) {
      const round = [...way.slice(way.indexOf(node)), node];
      found.push(round.map((file) => relative(root, file)).join(' > '));
      return;
    }
    if (done.has(node)) return;
    for (const next of graph.get(node) ?? []) walk(next, [...way, node]);
    done.add(node);
  };
  for (const node of graph.keys()) walk(node, []);
  return found;
}

it('finds a circle where there is one', () => {
  const graph = new Map([
    ['/a', ['/b']],
    ['/b', ['/c']],
    ['/c', ['/b']],
  ]);
  expect(circles(graph)).toHaveLength(1);
});

it('nothing imports in a circle, not even types', () => {
  const files = sources(root);
  expect(files.length).toBeGreaterThan(50);
  expect(circles(new Map(files.map((file) => [file, imports(file)])))).toEqual([]);
});
