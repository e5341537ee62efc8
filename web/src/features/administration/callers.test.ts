import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { callerOf } from './callers';

type Operation = { 'x-roles': string[]; 'x-permission'?: string };
const contract = parse(readFileSync(new URL('../../../../api/openapi.yaml', import.meta.url), 'utf8')) as {
  paths: Record<string, Record<string, Operation>>;
};

it('calls that need no role are told apart as the contract tells them', () => {
  let seen = 0;
  for (const [path, item] of Object.entries(contract.paths)) {
    for (const method of ['get', 'post', 'put', 'delete']) {
      const operation = item[method];
      if (!operation) continue;
      const first = operation['x-roles'][0] ?? '';
      const wanted = ['public', 'node', 'ticket'].includes(first) ? first : 'role';
      const permission = wanted === 'role' ? 'some.permission' : '';
      expect(callerOf({ path, permission }), `${method} ${path}`).toBe(wanted);
      seen += 1;
    }
  }
  expect(seen).toBeGreaterThan(60);
});
