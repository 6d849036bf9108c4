import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Release } from '../sdk/vendors/releases.ts';
import type { Fault } from './faults/fault.ts';
import { FAULTS, faultsFor } from './faults/index.ts';
import { PROGRAMS } from './programs/index.ts';

// The table in docs/vendors.md and the line in README.md are written from the table that the product uses.

const fileOf = (name: string): string => fileURLToPath(new URL(`../${name}`, import.meta.url));

/** Replaces what stands between two marks. A text without them stays as it is. */
export function filledIn(text: string, mark: string, content: string): string {
  const [begin, end] = [`<!-- ${mark} -->`, `<!-- /${mark} -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  return from < 0 || to < from ? text : `${text.slice(0, from + begin.length)}\n${content}\n${text.slice(to)}`;
}

const WORDS = { proven: 'proven', 'held-back': '**held back**', unknown: 'unknown' };

export function releaseTable(rows: readonly Release[]): string {
  const lines = rows.map(({ program, release, kind, verdict, faults, on, lockStaleMs }) =>
    [program, release, `\`${kind}\``, WORDS[verdict], faults, lockStaleMs ? `${lockStaleMs / 1_000} s` : '', on].join(
      ' | ',
    ),
  );
  const reasons = rows.filter(({ reason }) => reason !== undefined);
  return [
    '| program | release | asked by | verdict | faults | takes a left lock after | run on |',
    '|---|---|---|---|---|---|---|',
    ...lines.map(line => `| ${line} |`),
    ...(reasons.length > 0 ? ['', '| release | why |', '|---|---|'] : []),
    ...reasons.map(({ program, release, kind, reason }) => `| ${program} ${release} (\`${kind}\`) | ${reason} |`),
  ].join('\n');
}

export const faultTable = (): string =>
  [
    '| fault | what must hold | not tried with |',
    '|---|---|---|',
    ...FAULTS.map(fault => `| ${fault.name} | ${mustHold(fault)} | ${notTriedWith(fault)} |`),
  ].join('\n');

const notTriedWith = (fault: Fault): string =>
  PROGRAMS.filter(({ parts }) => !faultsFor(parts).includes(fault))
    .map(({ name }) => name)
    .join(', ');

/** What must hold, and the programs with which something else must. */
const mustHold = ({ name, expects }: Fault): string =>
  [
    SHOULD[expects],
    ...PROGRAMS.flatMap(program => {
      const other = program.expects?.[name];
      return other ? [`with ${program.name}, ${SHOULD[other]}`] : [];
    }),
  ].join('; ');

const SHOULD = {
  renewed: 'it is renewed',
  temporary: 'it is tried again, without an alarm',
  either: 'it is renewed, or tried again',
  once: 'it is renewed, and again when the vendor refuses the new token',
  failed: 'it is tried again, or counted as a failure',
  over: 'the user is asked to sign in',
  unseen: 'nothing is claimed',
  watched: 'the login is kept, and seen',
  unasked: 'the store is seen as it is',
  lost: 'the login cannot be saved, and no renewal is claimed',
};

/** How old the table is, for README.md. */
export function ageLine(rows: readonly Release[]): string {
  const newest = new Map(rows.filter(({ verdict }) => verdict === 'proven').map(row => [row.program, row.release]));
  const on =
    rows
      .map(row => row.on)
      .toSorted()
      .at(-1) ?? 'never';
  const names = [...newest].map(([program, release]) => `${program} ${release}`).join(', ');
  return wrapped(
    `Proven with the vendors' real programs, most recently on ${on}: ${names}. See [releases](docs/vendors.md).`,
  );
}

/** As the formatter wraps prose. */
const wrapped = (text: string): string => text.replaceAll(/(?=.{121})(.{1,120}) /g, '$1\n');

/** The pages as they should be, by their names. */
export function pages(rows: readonly Release[]): readonly (readonly [name: string, is: string, should: string])[] {
  const page = (name: string, fill: (text: string) => string) => {
    const text = readFileSync(fileOf(name), 'utf8');
    return [name, text, fill(text)] as const;
  };
  return [
    page('docs/vendors.md', text => filledIn(filledIn(text, 'releases', releaseTable(rows)), 'faults', faultTable())),
    page('README.md', text => filledIn(text, 'releases', ageLine(rows))),
  ];
}

export function writePages(rows: readonly Release[]): void {
  for (const [name, is, should] of pages(rows)) if (is !== should) writeFileSync(fileOf(name), should);
}
