import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { createFiles } from '../../runtime/files/files.ts';
import type { Cleanup } from '../../sdk/base/cleanup.ts';
import type { Files } from '../../sdk/plugin/files.ts';
import { recallSent } from '../../sdk/recipes/oauth/journal-notes.ts';
import type { TokenFile } from '../../sdk/recipes/oauth/token-file.ts';
import { Daemon } from './daemon.ts';
import { SECOND, TOKENS, type Step } from './trace.ts';
import { Vendor } from './vendor.ts';

const START = Date.UTC(2026, 0, 1);
/** After one, an access token is due, after two it has ended. */
const TICK_MS = 3_400_000;
const LIFE_MS = 3_600_000;
const NONE = 7;
const OWNER = 2;
/** No process has it: it is above the largest that Linux gives. */
const NO_PID = 4_194_305;

const storeSchema = z.object({ refresh_token: z.string().regex(/^refresh-\d+$/) });
const tokenOf = (text: string): number => Number(text.slice('refresh-'.length));

/** The real files and two real daemons on them. The owner, the vendor and the clock do as the trace says. */
export class World {
  now = 0;
  readonly #vendor: Vendor;
  readonly #source: TokenFile;
  readonly #daemons: Daemon[];
  readonly #known = new Map<number, { readonly content: string; readonly notes: string }>();
  readonly #holders = new Map<number, Cleanup | undefined>();
  #owned: { token: number; next: number | undefined } = { token: 0, next: undefined };
  #lock = NONE;

  private constructor(
    private readonly folder: string,
    hasGrace: boolean,
    private readonly alter: ((files: Files) => Files) | undefined,
  ) {
    this.#vendor = new Vendor(hasGrace);
    this.#source = {
      file: join(folder, 'token.json'),
      tokenEndpoint: 'https://vendor.example/token',
      clientId: 'client',
      paths: { access: 'access_token', refresh: 'refresh_token', expiresAt: 'expires_at' },
      signIn: 'Sign in.',
      settleMs: 0,
    };
    this.#daemons = [0, 1].map(nth => this.#daemon(nth));
  }

  static async open(folder: string, hasGrace: boolean, alter?: (files: Files) => Files): Promise<World> {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    const world = new World(folder, hasGrace, alter);
    await world.#write(1);
    return world;
  }

  /** Closes what is open. */
  async close(): Promise<void> {
    for (const daemon of this.#daemons) await daemon.end();
  }

  /** Takes a step. Returns in what the code and the model differ then. */
  async take(step: Step): Promise<string | undefined> {
    this.now = step.now;
    if (step.what === 'signsin') {
      this.#vendor.signIn(step.now);
      await this.#write(SECOND);
    } else if (step.who === OWNER) await this.#own(step);
    else if (step.what === 'ends') await this.#end(step.who);
    else if (step.who < OWNER) await this.#go(step);
    return this.#difference(step);
  }

  async #go({ who, what }: Step): Promise<void> {
    const daemon = this.#daemons[who];
    if (!daemon) return;
    if (what === 'looks' || what === 'forces') {
      daemon.begin(what === 'forces');
      await daemon.rest();
    }
    const { operation } = daemon.gate;
    daemon.gate.open(what);
    await daemon.rest();
    if (operation === 'lock' && daemon.outcome === undefined) this.#lock = who;
    if (operation === 'release') this.#lock = NONE;
  }

  async #own({ what }: Step): Promise<void> {
    const { token, next } = this.#owned;
    if (what === 'takes') {
      this.#holders.set(OWNER, await this.#files.lock(this.#lockPath));
      if (this.#holders.get(OWNER)) this.#lock = OWNER;
    }
    if (what === 'reads') this.#owned = { token: this.#token(), next: undefined };
    if (what === 'sends') this.#owned = { token, next: this.#vendor.redeem(token, this.now) };
    if (what === 'writes' && next !== undefined) await this.#write(next);
    if (what === 'ends') await this.#end(OWNER);
    if (what === 'releases') {
      await this.#holders.get(OWNER)?.();
      this.#lock = NONE;
    }
  }

  /** Ends a program without a word. Its lock stays, and says that its process has ended. */
  async #end(who: number): Promise<void> {
    await this.#daemons[who]?.end();
    if (who < OWNER) this.#daemons[who] = this.#daemon(who);
    if (this.#lock !== who) return;
    this.#lock = NONE;
    const path = `${this.#lockPath}.holder`;
    const record = z.looseObject({}).parse(JSON.parse(await readFile(path, 'utf8')));
    await writeFile(path, JSON.stringify({ ...record, pid: NO_PID }));
  }

  async #difference(step: Step): Promise<string | undefined> {
    const { who, what, at, outcome, file, lock } = step;
    const daemon = this.#daemons[who];
    const found: (readonly [string, unknown, unknown])[] = [
      ['the token in the file', file, this.#token()],
      ['the holder of the lock', lock, this.#lock],
      ...(daemon ? [['the journal', step.notes[who], await this.#notes(who)] as const] : []),
    ];
    if (daemon && what !== 'ends') {
      found.push(['the next operation', NEXT[at] ?? at, daemon.outcome === undefined ? daemon.gate.operation : 'none']);
      if (at === 'idle') found.push(['the outcome', outcome, daemon.outcome]);
    }
    const [different] = found.filter(([, model, code]) => model !== code);
    return different && `${different[0]}: the model has ${different[1]}, the code ${different[2]}`;
  }

  /** What the disk has. It is read by the code again only if a byte of it has changed. */
  async #notes(who: number): Promise<string> {
    const content = contentOf(this.#journalOf(who));
    const known = this.#known.get(who);
    if (known?.content === content) return known.notes;
    const notes = content === '' ? '0'.repeat(TOKENS.length) : await this.#recall(this.#journalOf(who));
    this.#known.set(who, { content, notes });
    return notes;
  }

  async #recall(folder: string): Promise<string> {
    const files = createFiles({ userHome: undefined, journalDir: folder });
    const notes = TOKENS.map(async token => {
      const note = this.#vendor.hasIssued(token) && (await recallSent(files, this.#source.file, `refresh-${token}`));
      if (!note) return 0;
      if (!note.answered) return 1;
      if (note.answered.answer.status === 200) return 2;
      return note.answered.isLost ? 4 : 3;
    });
    return (await Promise.all(notes)).join('');
  }

  #daemon(nth: number): Daemon {
    return new Daemon({
      source: this.#source,
      journalDir: this.#journalOf(nth),
      now: () => START + this.now * TICK_MS,
      arrive: body => this.#answer(body),
      alter: this.alter,
    });
  }

  #answer(body: string): Response {
    const sent = tokenOf(new URLSearchParams(body).get('refresh_token') ?? '');
    const next = this.#vendor.redeem(sent, this.now);
    if (next === undefined) return Response.json({ error: 'invalid_grant' }, { status: 400 });
    return Response.json(this.#tokens(next), { headers: { 'content-length': '100' } });
  }

  #tokens(token: number) {
    const expiresAt = START + this.#vendor.issuedAt(token) * TICK_MS + LIFE_MS;
    return { access_token: `access-${token}`, refresh_token: `refresh-${token}`, expires_at: expiresAt / 1_000 };
  }

  /** As another program replaces the file. */
  async #write(token: number): Promise<void> {
    await writeFile(`${this.#source.file}.new`, JSON.stringify(this.#tokens(token)));
    await rename(`${this.#source.file}.new`, this.#source.file);
  }

  #token(): number {
    return tokenOf(storeSchema.parse(JSON.parse(readFileSync(this.#source.file, 'utf8'))).refresh_token);
  }

  #journalOf = (nth: number): string => join(this.folder, `journal-${nth}`);

  get #lockPath(): string {
    return `${this.#source.file}.lock`;
  }

  get #files(): Files {
    return createFiles({ userHome: undefined, journalDir: this.#journalOf(OWNER) });
  }
}

function contentOf(folder: string): string {
  try {
    return readdirSync(folder)
      .map(name => name + readFileSync(join(folder, name), 'latin1'))
      .join('');
  } catch {
    return ''; // No note was ever written.
  }
}

/** The operation that follows in the code, for where an attempt is in the model. */
const NEXT: Readonly<Record<string, string>> = {
  idle: 'none',
  want: 'lock',
  locked: 'read',
  announce: 'note',
  unnote: 'forget',
  sending: 'send',
  waiting: 'answer',
  again: 'read',
  check: 'read',
  prove: 'read',
  disclaim: 'forget',
  recheck: 'read',
  unlock: 'release',
};
