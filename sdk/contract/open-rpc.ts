import { z } from 'zod';
import { isRecord } from '../base/json.ts';
import { ACCESS, isMethod } from './access.ts';
import { portable, titleFor } from './portable-schema.ts';
import { METHODS, NOTIFICATIONS } from './rpc-schema.ts';

type JsonSchema = Readonly<Record<string, unknown>>;

/** The OpenRPC 1.3 document of the API, made from the schemas that check it. */
export function openRpcDocument(version: string): JsonSchema {
  const components = new Components();
  const methods = Object.entries(METHODS).map(([name, { summary, params, result }]) => ({
    name,
    summary,
    ...(isMethod(name) && { 'x-access': ACCESS[name] }),
    paramStructure: 'by-name',
    params: contentDescriptors(components.add(params, 'input', titleFor(name))),
    result: { name: 'result', schema: components.add(result, 'output', `${titleFor(name)}Result`) },
    errors: [{ code: 1, message: 'An error of the product; data.code says which.' }],
  }));
  const notifications = Object.entries(NOTIFICATIONS).map(([name, { summary, params }]) => ({
    name,
    summary,
    params: components.add(params, 'output', `${titleFor(name)}Params`),
  }));
  return {
    openrpc: '1.3.2',
    info: {
      title: 'Session Keepalive',
      version,
      description: 'Keeps the sign-in sessions of AI coding tools alive.',
      license: { name: 'MIT' },
    },
    methods,
    'x-notifications': notifications,
    components: { schemas: components.schemas },
  };
}

function contentDescriptors({ properties, required }: JsonSchema): readonly JsonSchema[] {
  const names: readonly unknown[] = Array.isArray(required) ? required : [];
  return membersOf(properties).map(([name, schema]) => ({ name, required: names.includes(name), schema }));
}

const membersOf = (value: unknown): readonly (readonly [string, unknown])[] =>
  isRecord(value) ? Object.entries(value) : [];

const schemaIn = (value: unknown): JsonSchema => (isRecord(value) ? value : {});

/** Collects the schemas that have a name. Every other schema refers to them. */
class Components {
  readonly schemas: Record<string, JsonSchema> = {};

  add(schema: z.ZodType, io: 'input' | 'output', title: string): JsonSchema {
    const json = z.toJSONSchema(schema, { target: 'draft-7', io, unrepresentable: 'any', reused: 'inline' });
    const text = JSON.stringify(json).replaceAll('"#/definitions/', '"#/components/schemas/');
    const { $schema: _dialect, definitions, ...rest } = schemaIn(portable(JSON.parse(text), title));
    for (const [name, definition] of membersOf(definitions)) {
      if (!isRecord(definition)) continue;
      const { id: _id, ...component } = definition;
      this.schemas[name] = component;
    }
    return rest;
  }
}
