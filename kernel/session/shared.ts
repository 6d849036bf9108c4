import type { HeldLogin, SessionRecord, SharedLogin } from '../../sdk/contract/session.ts';

/** Whether the session had left its login to another one, and no longer has to. */
export const isFreed = (before: SessionRecord, after: SessionRecord, id: string): boolean =>
  isLeft(before, id) && !isLeft(after, id);

const isLeft = ({ shared }: SessionRecord, id: string): boolean => shared !== undefined && shared.holder !== id;

/** The record with what is known of its login across all sessions; the same record if nothing changed. */
export function withLogin(record: SessionRecord, login?: HeldLogin, shared?: SharedLogin): SessionRecord {
  const { session, holder, spent } = record.shared ?? {};
  const isSame = session === shared?.session && holder === shared?.holder && spent === shared?.spent;
  if (isSame && record.login === login) return record;
  return { ...record, login, shared: isSame ? record.shared : shared };
}
