import type { components } from './api.gen';

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

async function request<T>(method: string, path: string, body?: unknown): Promise<T> {
  const { text } = await answered(
    method,
    path,
    body === undefined ? {} : { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) },
  );
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

/** A record as it was read, with the tag to ask by whether it is still the newest. */
export interface Read<T> {
  value: T;
  etag: string;
}

/** Reads a record; the one that the caller has is given back if it is still the newest. */
async function readAgain<T>(path: string, have: Read<T> | null): Promise<Read<T>> {
  const { status, etag, text } = await answered(
    'GET',
    path,
    have?.etag ? { headers: { 'If-None-Match': have.etag } } : {},
  );
  return have && status === 304 ? have : { value: JSON.parse(text) as T, etag };
}

/** The server's answer: a success, or 304 to who asked by If-None-Match. Anything else is thrown. */
async function answered(
  method: string,
  path: string,
  more: RequestInit,
): Promise<{ status: number; etag: string; text: string }> {
  let response: Response;
  try {
    response = await fetch(`/api/v1${path}`, {
      method,
      credentials: 'same-origin',
      cache: 'no-store',
      signal: AbortSignal.timeout(10_000),
      ...more,
    });
  } catch {
    throw new ApiError(0, 'unreachable');
  }
  const text = await response.text();
  if (response.ok || response.status === 304)
    return { status: response.status, etag: response.headers.get('ETag') ?? '', text };
  let problem: Partial<Schemas['Problem']> = {};
  try {
    problem = JSON.parse(text) as Schemas['Problem'];
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

type Schemas = components['schemas'];

/** What a page must know of the site to give names to IDs. */
export type Site = Schemas['SiteBody'];
export type Named = Schemas['Named'];
export type TicketKind = Schemas['SiteTicketKind'];

/** The signed-in user with what the pages should look like; theme "" is the browser's choice. */
export type MeWithTheme = Schemas['MeBody'];
/** To whom a call can be handed over, and what they do now. */
export type Directory = Schemas['Directory'];
export type Language = Schemas['PreferencesInputBody']['language'];

export const api = {
  signIn: (who: Schemas['SignInInputBody']) => request<Schemas['SessionBody']>('POST', '/session', who),
  signOut: () => request<unknown>('DELETE', '/session'),
  me: () => request<MeWithTheme>('GET', '/me'),
  setPreferences: (wish: Schemas['PreferencesInputBody']) => request<unknown>('PUT', '/me/preferences', wish),
  directory: () => request<Directory>('GET', '/directory'),
  site: (have: Read<Site> | null) => readAgain('/site', have),
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
