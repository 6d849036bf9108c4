import { standIn } from '../support/canary/canary-programs.ts';
import type { Canary, CanarySession } from '../support/canary/canary-world.ts';

const canary: Canary = ({ soon, later, thorough }) => {
  const owned = (mark: string, expiry: number) => JSON.stringify({ token: `CANARY-owned-${mark}`, expiry });
  const command = (id: string, program: string, mark: string, isBroken: boolean): CanarySession => ({
    id,
    entry: ['command', { id, run: [program, 'touch'], store: `~/${id}.json`, expiresAt: 'json:expiry' }],
    files: { [`${id}.json`]: owned(mark, soon) },
    programs: { [program]: standIn(`${id}.json`, owned(`${mark}-2`, later), { broken: isBroken }) },
    outcome: isBroken ? 'failed' : 'refreshed',
  });
  return [
    command('owned', 'owner', '1', false),
    ...(thorough ? [command('owned-broken', 'owner-broken', '3', true)] : []),
  ];
};
export default canary;
