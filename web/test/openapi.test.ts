// Holds api/openapi.yaml to itself: every example fits its schema, every reference resolves,
// every route says who may call it.
import { readFileSync } from 'node:fs';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

type Json = { [key: string]: any };
const doc = parse(readFileSync(new URL('../../api/openapi.yaml', import.meta.url), 'utf8')) as Json;
const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats(ajv, { mode: 'full' });
ajv.addSchema(doc, 'doc');

const roles = new Set([...doc.components.schemas.Role.enum, 'public', 'signed_in', 'node', 'ticket']);
const methods = ['get', 'post', 'put', 'delete'];
const routes: [string, Json][] = Object.entries<Json>(doc.paths).flatMap(([path, item]) =>
  methods.filter((m) => m in item).map((m): [string, Json] => [`${m} ${path}`, item[m]]),
);

function references(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(references);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([k, v]) => (k === '$ref' ? [String(v)] : references(v)));
}

describe('api/openapi.yaml', () => {
  it('has an example that fits wherever it gives one', () => {
    let checked = 0;
    for (const [name, schema] of Object.entries<Json>(doc.components.schemas)) {
      for (const example of schema.examples ?? []) {
        const validate = ajv.getSchema(`doc#/components/schemas/${name}`)!;
        expect(validate(example), `${name}: ${JSON.stringify(validate.errors)}`).toBe(true);
        checked += 1;
      }
    }
    expect(checked).toBeGreaterThan(30);
  });

  it('refers only to what exists', () => {
    for (const ref of references(doc)) {
      const target = ref.slice(2).split('/').reduce((at: any, key) => at?.[key], doc);
      expect(target, ref).toBeDefined();
    }
  });

  it('says on every route who may call it', () => {
    for (const [name, route] of routes) {
      expect(route['x-roles']?.length, name).toBeGreaterThan(0);
      for (const role of route['x-roles']) expect(roles.has(role), `${name}: ${role}`).toBe(true);
    }
  });

  it('gives every route a name of its own', () => {
    const names = routes.map(([, route]) => route.operationId);
    expect(new Set(names).size).toBe(names.length);
  });

  it('asks for the CSRF token on every unsafe route of a signed-in person', () => {
    for (const [name, route] of routes) {
      const person = !['public', 'node', 'ticket'].includes(route['x-roles'][0]);
      if (!person || name.startsWith('get ')) continue;
      expect(JSON.stringify(route.security), name).toContain('csrf');
    }
  });
});
