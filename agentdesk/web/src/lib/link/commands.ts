/**
 * A command that was not carried out. The code is for the catalogue ("error.<code>"). Codes of our own:
 * "timeout" (no ack within the deadline, however often the link came back) and "closed" (the link was
 * closed for good).
 */
export class CommandError extends Error {
  constructor(
    readonly code: string,
    readonly params: Record<string, string> = {},
    detail = code,
  ) {
    super(detail);
    this.name = 'CommandError';
  }
}
