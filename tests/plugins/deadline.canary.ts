import type { Canary } from '../support/canary/canary-world.ts';

const canary: Canary = ({ later, ended, thorough }) => {
  const end = (at: number) => new Date(at).toISOString();
  return [
    { id: 'npm', entry: ['deadline', { id: 'npm', expiresAt: end(later) }], files: {}, outcome: 'fresh' },
    ...(thorough
      ? [
          {
            id: 'gone',
            entry: ['deadline', { id: 'gone', expiresAt: end(ended) }],
            files: {},
            outcome: 'login-required',
          },
        ]
      : []),
  ];
};
export default canary;
