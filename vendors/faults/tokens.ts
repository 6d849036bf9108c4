import type { Exchange, Fault, Reply } from './fault.ts';

// The vendor gives a new token in an unusual way, or has ended the login.

/** The honest answer with other members. `undefined` removes one. */
async function altered({ honest }: Exchange, changes: Readonly<Record<string, unknown>>): Promise<Reply> {
  const reply = await honest();
  return { ...reply, body: JSON.stringify({ ...JSON.parse(reply.body ?? '{}'), ...changes }) };
}

const altering = (name: string, expects: Fault['expects'], changes: Readonly<Record<string, unknown>>): Fault => ({
  name,
  expects,
  needs: ['tokens'],
  exchange: async exchange => exchange.send(await altered(exchange, changes)),
});

const STRANGE = { token_type: 'bearer', unheard_of: { of: [1, null, 'ü'] }, account: null, organization: null };

export const TOKENS: readonly Fault[] = [
  { name: 'no fault', expects: 'renewed' },
  {
    name: 'a login that the vendor has ended',
    expects: 'over',
    needs: ['vendor'],
    before: async world => world.login.end(),
  },
  altering('a new token among unknown and empty members', 'renewed', STRANGE),
  altering('a life written as text', 'either', { expires_in: '3600' }),
  altering('a new token without its life', 'either', { expires_in: undefined }),
  {
    name: 'a new token in pieces, over three seconds',
    expects: 'renewed',
    exchange: async ({ honest, send }) => send({ ...(await honest()), pieces: 6 }),
  },
  {
    name: 'a clock of the vendor that is an hour ahead',
    expects: 'renewed',
    needs: ['dated tokens'],
    before: async world => world.vendor.clock?.(3_600_000),
  },
  {
    name: 'a clock of the vendor that is an hour behind',
    expects: 'renewed',
    needs: ['dated tokens'],
    before: async world => world.vendor.clock?.(-3_600_000),
  },
];
