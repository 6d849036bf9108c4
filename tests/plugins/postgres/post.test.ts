import { expect, test } from 'vitest';
import { Post } from '../../../plugins/postgres/post.ts';
import { sealWith, type Seal } from '../../../plugins/postgres/seal.ts';
import { PEERS, RECEIVE, SEND } from '../../../plugins/postgres/statements.ts';
import { Validity } from '../../../plugins/postgres/validity.ts';
import type { Beat } from '../../../plugins/postgres/connection.ts';
import { Listeners } from '../../../plugins/postgres/listeners.ts';
import type { Letter, Peer } from '../../../sdk/plugin/fleet.ts';

const SEAL = sealWith('a-key-of-the-fleet');
const [BOX, LAPTOP]: readonly [Peer, Peer] = [
  { machine: 'box', run: 'run-of-box' },
  { machine: 'laptop', run: 'run-of-laptop' },
];
type Row = { readonly machine: string; readonly sender: string; readonly body: string };

/** The letters of a database, whose clock a test can set. Its machines have these runs. */
class Letters {
  now = 1_000_000;
  rows: readonly Row[] = [];

  connection(self: Peer, seal: Seal = SEAL) {
    const [onBeat, onNotice] = [new Listeners<Beat>(), new Listeners<string>()];
    const query = async (text: string, values: readonly unknown[]): Promise<readonly never[]> => {
      const rows = this.#answer(self, text, values);
      return rows as readonly never[];
    };
    const validity = new Validity(90_000);
    validity.extend(validity.now());
    return { ...self, seal, query, validity, onBeat, onNotice };
  }

  #answer(self: Peer, text: string, [, , to, body]: readonly unknown[]): readonly unknown[] {
    const peers = [BOX, LAPTOP].map(peer => ({ ...peer, is_alive: true, now: this.now, has_letters: false }));
    if (text === PEERS) return peers.filter(({ machine }) => Array.isArray(to) && to.includes(machine));
    if (text === SEND) this.rows = [...this.rows, { machine: String(to), sender: self.machine, body: String(body) }];
    if (text !== RECEIVE) return [{}];
    const taken = this.rows.filter(({ machine }) => machine === self.machine);
    this.rows = this.rows.filter(row => !taken.includes(row));
    return taken.map(({ sender, body: sealed }) => {
      const run = [BOX, LAPTOP].find(({ machine }) => machine === sender)?.run ?? '';
      return { sender, run, body: sealed, now: this.now };
    });
  }
}

/** A letter from `box` to `laptop`, which a test may change on its way. */
async function sent({ to = LAPTOP, from = BOX, seal = SEAL } = {}) {
  const letters = new Letters();
  await new Post(letters.connection(from, seal), { warn: () => undefined }).send(to, { type: 'hello' });
  const connection = letters.connection(LAPTOP);
  const dropped: unknown[] = [];
  const post = new Post(connection, { warn: (...line: readonly unknown[]) => void dropped.push(line) });
  const received: Letter[] = [];
  post.onLetter(letter => received.push(letter));
  const deliver = async () => {
    connection.onNotice.emit('letter:laptop');
    await expect.poll(() => letters.rows.filter(({ machine }) => machine === 'laptop')).toEqual([]);
  };
  return { letters, deliver, received, dropped };
}

test('a letter arrives with its writer, and the database sees nothing of it', async () => {
  const { letters, deliver, received } = await sent();
  expect(JSON.stringify(letters.rows)).not.toContain('hello');
  await deliver();
  expect(received).toEqual([{ from: BOX, content: { type: 'hello' } }]);
});

test('a letter that is delivered twice is taken once', async () => {
  const { letters, deliver, received, dropped } = await sent();
  letters.rows = [...letters.rows, ...letters.rows];
  await deliver();
  expect(received).toHaveLength(1);
  expect(dropped).toHaveLength(1);
});

test.each<[string, Parameters<typeof sent>[0], (letters: Letters) => void]>([
  ['is sealed with another key', { seal: sealWith('another-key-of-a-fleet') }, () => undefined],
  ['was for an earlier run', { to: LAPTOP, from: { ...BOX, run: 'ended' } }, () => undefined],
  [
    'is from a machine that names itself otherwise',
    {},
    letters => (letters.rows = letters.rows.map(row => ({ ...row, sender: 'laptop' }))),
  ],
  [
    'was for another machine',
    { to: BOX, from: LAPTOP },
    letters => (letters.rows = letters.rows.map(row => ({ ...row, machine: 'laptop', sender: 'laptop' }))),
  ],
  ['is older than a minute by the clock of the database', {}, letters => (letters.now += 60_001)],
  [
    'was changed',
    {},
    letters => (letters.rows = letters.rows.map(row => ({ ...row, body: `${row.body.slice(0, -8)}AAAAAAA=` }))),
  ],
  ['is no letter', {}, letters => (letters.rows = letters.rows.map(row => ({ ...row, body: 'AAAA' })))],
])('a letter that %s does nothing', async (_what, options, change) => {
  const { letters, deliver, received, dropped } = await sent(options);
  change(letters);
  await deliver();
  await expect.poll(() => dropped).toHaveLength(1);
  expect(received).toEqual([]);
});

test('a letter to a run that has ended is not sent', async () => {
  await expect(sent({ to: { ...LAPTOP, run: 'ended' } })).rejects.toMatchObject({ code: 'KA_FLEET_SILENT' });
});
