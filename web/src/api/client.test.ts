import { webcrypto } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ApiError, Client, errorFrom, fillPath, queryString } from './client';

// Node 18 has it, but not as a global.
globalThis.crypto ??= webcrypto as Crypto;

function answering(...answers: (Response | Error)[]) {
  const calls: { url: string; init: RequestInit }[] = [];
  const client = new Client({
    pause: async () => {},
    fetch: async (url, init) => {
      calls.push({ url: String(url), init: init ?? {} });
      const answer = answers.shift();
      if (!answer || answer instanceof Error) throw answer ?? new Error('no more answers');
      return answer;
    },
  });
  return { client, calls };
}
const json = (status: number, body: unknown) => new Response(JSON.stringify(body), { status });
const header = (init: RequestInit, name: string) => (init.headers as Record<string, string>)[name];

describe('the client', () => {
  it('fills and escapes the path, and leaves empty query values out', () => {
    expect(fillPath('/reports/{id}/claim', { id: 'a/b' })).toBe('/reports/a%2Fb/claim');
    expect(() => fillPath('/reports/{id}')).toThrow('{id}');
    expect(queryString({ state: 'open', before: undefined, q: '' })).toBe('?state=open');
  });

  it('sends the CSRF token and an idempotency key with commands only', async () => {
    const { client, calls } = answering(json(200, {}), json(200, { reports: [] }));
    client.csrf_token = 'secret';
    await client.post('/reports/{id}/claim', { path: { id: 'r' } });
    await client.get('/reports');
    expect(header(calls[0]!.init, 'X-CSRF-Token')).toBe('secret');
    expect(header(calls[0]!.init, 'Idempotency-Key')).toMatch(/^[0-9a-f-]{36}$/);
    expect(header(calls[1]!.init, 'X-CSRF-Token')).toBeUndefined();
  });

  it('repeats a command that got no answer once, under the same key', async () => {
    const { client, calls } = answering(new TypeError('network'), json(200, { id: 'r' }));
    await client.post('/reports/{id}/claim', { path: { id: 'r' } });
    expect(calls.length).toBe(2);
    expect(header(calls[0]!.init, 'Idempotency-Key')).toBe(header(calls[1]!.init, 'Idempotency-Key'));
  });

  it('says offline when there is no answer at all', async () => {
    const { client } = answering(new TypeError('a'), new TypeError('b'));
    const reached: boolean[] = [];
    client.onReached = (r) => reached.push(r);
    await expect(client.get('/units')).rejects.toMatchObject({ code: 'client.offline', offline: true });
    expect(reached).toEqual([false]);
  });

  it('keeps code, field and who has claimed from a refusal', async () => {
    const { client } = answering(
      json(409, { error: { code: 'incidents.already_claimed', message: 'm', field: 'id', claimed_by: 'p' } }),
    );
    const failed = client.post('/reports/{id}/claim', { path: { id: 'r' } });
    await expect(failed).rejects.toBeInstanceOf(ApiError);
    await expect(failed).rejects.toMatchObject({ status: 409, code: 'incidents.already_claimed', field: 'id', claimed_by: 'p' });
  });

  it('tells of a session that ended, but not of a wrong password', async () => {
    const { client } = answering(
      json(401, { error: { code: 'access.wrong_credentials', message: '', field: '' } }),
      json(401, { error: { code: 'access.not_signed_in', message: '', field: '' } }),
    );
    let ended = 0;
    client.onSignedOut = () => (ended += 1);
    await client.post('/session', { body: { login: 'a', password: 'b' } }).catch(() => {});
    expect(ended).toBe(0);
    await client.get('/units').catch(() => {});
    expect(ended).toBe(1);
  });

  it('makes an error of an answer that is not ours', () => {
    expect(errorFrom(502, undefined).code).toBe('http.status_502');
  });
});
