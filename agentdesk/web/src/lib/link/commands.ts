/**
 * What no server says: no ack came within the deadline, however often the link came back; the link was closed for
 * good.
 */
export type OwnCode = 'timeout' | 'closed';

/** A command that was not carried out. The code is for the catalogue ("error.<code>"); a newer server may know more. */
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
