// The one place that calls the core. Typed by api/openapi.yaml: a wrong path, query or body does
// not compile. Every refusal becomes an ApiError with the code of the server.
import type { paths } from './schema';
import type { GeoJson } from './types';

type Method = 'get' | 'post' | 'put' | 'delete';
type Operation<P extends keyof paths, M extends Method> = paths[P][M];
type Query<O> = O extends { parameters: { query?: infer Q } } ? NonNullable<Q> : never;
type PathOf<O> = O extends { parameters: { path: infer Q } } ? Q : never;
type Body<O> = O extends { requestBody: { content: { 'application/json': infer B } } } ? B : never;
type Content<R> = R extends { content: infer C } ? C[keyof C] : undefined;
type Answer<O> = O extends { responses: infer R }
  ? R extends { 200: infer A }
    ? Content<A>
    : R extends { 201: infer A }
      ? Content<A>
      : undefined
  : never;
type PathsWith<M extends Method> = {
  [P in keyof paths]: [paths[P][M]] extends [never] ? never : undefined extends paths[P][M] ? never : P;
}[keyof paths];

export interface Call<O> {
  path?: PathOf<O>;
  query?: Query<O>;
  body?: Body<O>;
  signal?: AbortSignal;
}

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly field = '',
    readonly claimed_by?: string,
    readonly retry_after_s?: number,
  ) {
    super(message);
  }
  /** Nothing reached the core, or nothing came back. */
  get offline(): boolean {
    return this.status === 0;
  }
}

export function errorFrom(status: number, body: unknown): ApiError {
  const error = (body as { error?: Record<string, unknown> } | undefined)?.error;
  if (!error || typeof error['code'] !== 'string') {
    return new ApiError(status, `http.status_${status}`, `HTTP ${status}`);
  }
  return new ApiError(
    status,
    error['code'],
    String(error['message'] ?? ''),
    String(error['field'] ?? ''),
    typeof error['claimed_by'] === 'string' ? error['claimed_by'] : undefined,
    typeof error['retry_after_s'] === 'number' ? error['retry_after_s'] : undefined,
  );
}

export function fillPath(template: string, values: Record<string, string> = {}): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`no value for {${name}} in ${template}`);
    return encodeURIComponent(value);
  });
}

export function queryString(query: Record<string, unknown> = {}): string {
  const pairs = Object.entries(query).filter(([, v]) => v !== undefined && v !== null && v !== '');
  if (pairs.length === 0) return '';
  return '?' + new URLSearchParams(pairs.map(([k, v]) => [k, String(v)])).toString();
}

/** RFC 4122 version 4; crypto.randomUUID needs a secure context, which the page always has. */
export const newKey = (): string => crypto.randomUUID();

const retry_pause_ms = 400;

export interface ClientOptions {
  base?: string;
  fetch?: typeof fetch;
  pause?: (ms: number) => Promise<void>;
}

export class Client {
  csrf_token = '';
  /** Called when the core no longer knows this session. */
  onSignedOut: () => void = () => {};
  /** Called when the core wants a second factor set up, or a password changed, before anything else. */
  onHeld: (code: string) => void = () => {};
  /** Called after each call: whether the core answered at all. */
  onReached: (reached: boolean) => void = () => {};
  readonly base: string;
  private readonly fetch_: typeof fetch;
  private readonly pause: (ms: number) => Promise<void>;

  constructor(options: ClientOptions = {}) {
    this.base = options.base ?? '/api/v1';
    this.fetch_ = options.fetch ?? ((...a) => fetch(...a));
    this.pause = options.pause ?? ((ms) => new Promise((done) => setTimeout(done, ms)));
  }

  get<P extends PathsWith<'get'>>(path: P, call: Call<Operation<P, 'get'>> = {}) {
    return this.call<Answer<Operation<P, 'get'>>>('GET', path, call);
  }
  post<P extends PathsWith<'post'>>(path: P, call: Call<Operation<P, 'post'>> = {}) {
    return this.call<Answer<Operation<P, 'post'>>>('POST', path, call);
  }
  put<P extends PathsWith<'put'>>(path: P, call: Call<Operation<P, 'put'>> = {}) {
    return this.call<Answer<Operation<P, 'put'>>>('PUT', path, call);
  }
  delete<P extends PathsWith<'delete'>>(path: P, call: Call<Operation<P, 'delete'>> = {}) {
    return this.call<Answer<Operation<P, 'delete'>>>('DELETE', path, call);
  }

  /** A table, as a spreadsheet wrote it. */
  postTable(path: '/fleet/import', body: string) {
    return this.call<Answer<Operation<typeof path, 'post'>>>('POST', path, { body }, 'text/csv');
  }
  /** Boundaries are the one body that is not plain JSON. */
  postGeoJson(path: '/places/boundaries', body: GeoJson) {
    return this.call<Answer<Operation<typeof path, 'post'>>>('POST', path, { body }, 'application/geo+json');
  }
  /** Sends bytes with progress; used for attachments, which may be large. */
  upload(
    path: string,
    file: Blob,
    name: string,
    onProgress: (done: number) => void,
    signal?: AbortSignal,
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open('POST', this.base + path);
      request.setRequestHeader('Content-Type', file.type || 'application/octet-stream');
      request.setRequestHeader('X-File-Name', encodeURIComponent(name));
      request.setRequestHeader('X-CSRF-Token', this.csrf_token);
      request.setRequestHeader('Idempotency-Key', newKey());
      request.upload.onprogress = (e) => onProgress(e.total > 0 ? e.loaded / e.total : 0);
      request.onerror = () => reject(new ApiError(0, 'client.offline', 'no answer'));
      request.onabort = () => reject(new DOMException('aborted', 'AbortError'));
      request.onload = () => {
        const body = parsed(request.responseText);
        if (request.status < 300) resolve(body);
        else reject(errorFrom(request.status, body));
      };
      signal?.addEventListener('abort', () => request.abort());
      request.send(file);
    });
  }

  private async call<T>(
    method: string, path: string, call: { path?: unknown; query?: unknown; body?: unknown; signal?: AbortSignal },
    media_type = 'application/json',
  ): Promise<T> {
    const url =
      this.base +
      fillPath(path, call.path as Record<string, string> | undefined) +
      queryString(call.query as Record<string, unknown> | undefined);
    const headers: Record<string, string> = { Accept: 'application/json' };
    if (method !== 'GET') {
      headers['X-CSRF-Token'] = this.csrf_token;
      headers['Idempotency-Key'] = newKey();
    }
    const init: RequestInit = { method, headers, credentials: 'same-origin' };
    if (call.signal) init.signal = call.signal;
    if (call.body !== undefined) {
      headers['Content-Type'] = media_type;
      init.body = media_type === 'text/csv' ? String(call.body) : JSON.stringify(call.body);
    }
    const response = await this.send(url, init);
    const body = response.status === 204 ? undefined : parsed(await response.text());
    if (response.ok) return body as T;
    if (response.status === 401 && path !== '/session') this.onSignedOut();
    const error = errorFrom(response.status, body);
    if (/^access\.must_/.test(error.code)) this.onHeld(error.code);
    throw error;
  }

  /** The same Idempotency-Key goes with the second try, so a command runs once at most. */
  private async send(url: string, init: RequestInit): Promise<Response> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        const response = await this.fetch_(url, init);
        this.onReached(true);
        return response;
      } catch (reason) {
        if (reason instanceof DOMException && reason.name === 'AbortError') throw reason;
        if (attempt === 0) {
          await this.pause(retry_pause_ms);
          continue;
        }
        this.onReached(false);
        throw new ApiError(0, 'client.offline', 'no answer');
      }
    }
  }
}

function parsed(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export const api = new Client();
