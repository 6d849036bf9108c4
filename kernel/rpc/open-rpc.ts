import { z } from 'zod';
import { METHODS, NOTIFICATIONS } from '../../sdk/contract/rpc-schemas.ts';

type JsonSchema = Readonly<Record<string, unknown>>;

/** The OpenRPC 1.3 document of the API, made from the schemas that check it. */
export function openRpcDocument(version: string): JsonSchema {
  return {
    openrpc: '1.3.2',
    info: {
      title: 'Session Keepalive',
      version,
      description: 'Keeps the sign-in sessions of AI coding tools alive.',
      license: { name: 'MIT' },
    },
    methods: Object.entries(METHODS).map(([name, { summary, params, result }]) => ({
      name,
      summary,
      paramStructure: 'by-name',
      params: contentDescriptors(params),
      result: { name: 'result', schema: toJsonSchema(result, 'output') },
      errors: [{ code: 1, message: 'An error of the product; data.code says which.' }],
    })),
    'x-notifications': Object.entries(NOTIFICATIONS).map(([name, { summary, params }]) => ({
      name,
      summary,
      params: toJsonSchema(params, 'output'),
    })),
  };
}

function contentDescriptors(params: z.ZodType): readonly JsonSchema[] {
  const { properties = {}, required = [] } = toJsonSchema(params, 'input') as {
    properties?: Record<string, JsonSchema>;
    required?: readonly string[];
  };
  return Object.entries(properties).map(([name, schema]) => ({ name, required: required.includes(name), schema }));
}

function toJsonSchema(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, {
    target: 'draft-7',
    io,
    unrepresentable: 'any',
    reused: 'inline',
  });
  return rest;
}
