import type { Me } from './proto.gen';

/** A refusal by the server (RFC 9457): the code is for the catalogue ("error.<code>"). */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly params: Record<string, string> = {},
    detail = code,
  ) {
    super(detail);
    this.name = 'ApiError';
  }
}

interface Problem {
  code?: string;
  params?: Record<string, string>;
  detail?: string;
  title?: string;
}

async function request<T>(method: string, path: string, body?: unknown): Promise<T> {
  let response: Response;
  try {
    response = await fetch(`/api/v1${path}`, {
      method,
      credentials: 'same-origin',
      cache: 'no-store',
      signal: AbortSignal.timeout(10_000),
      ...(body === undefined
        ? {}
        : { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
    });
  } catch {
    throw new ApiError(0, 'unreachable');
  }
  const text = await response.text();
  if (response.ok) return (text === '' ? undefined : JSON.parse(text)) as T;
  let problem: Problem = {};
  try {
    problem = JSON.parse(text) as Problem;
  } catch {
    // A proxy's page: the status has to do.
  }
  throw new ApiError(
    response.status,
    problem.code ?? `http_${String(response.status)}`,
    problem.params,
    problem.detail ?? problem.title,
  );
}

/** Names of one thing by language tag. */
export type Names = Record<string, string>;

export interface Named {
  id: string;
  name: Names;
}

export interface SiteAgent extends Named {
  user: string;
  extension: string;
}

export interface TicketKind extends Named {
  states: Named[];
  /** Promised time by urgency, ms. */
  due_ms: Record<string, number> | null;
}

/** What a page must know of the site to give names to IDs. */
export interface Site {
  name: Names;
  timezone: string;
  region: string;
  queues: Named[];
  agents: SiteAgent[];
  /** Users who are no agents. */
  people: Named[];
  pause_reasons: Named[];
  dispositions: Named[];
  ticket_kinds: TicketKind[];
}

/** The signed-in user with what the pages should look like; "" is the browser's choice. */
export type MeWithTheme = Me & { theme?: string };

export const api = {
  signIn: (user: string, password: string) => request<unknown>('POST', '/session', { user, password }),
  signOut: () => request<unknown>('DELETE', '/session'),
  me: () => request<MeWithTheme>('GET', '/me'),
  setPreferences: (language: string, theme: string) =>
    request<unknown>('PUT', '/me/preferences', { language, theme }),
  site: () => request<Site>('GET', '/site'),
};

/** Whether this browser is signed in. Throws nothing: no answer counts as yes, for it may be the network's fault. */
export async function signedIn(): Promise<boolean> {
  try {
    await api.me();
    return true;
  } catch (error) {
    return !(error instanceof ApiError && error.status === 401);
  }
}
