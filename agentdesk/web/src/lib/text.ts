/** How many characters a text is too long by, counted as the server does: by code points, not by UTF-16 units. */
export function excess(text: string, max: number): number {
  if (text.length <= max) return 0; // there are never more code points than units
  const pairs = text.match(/[\ud800-\udbff][\udc00-\udfff]/g)?.length ?? 0; // each is one character
  return Math.max(0, text.length - pairs - max);
}
