// Redeems unless a note says that it was tried, and writes the note only afterwards: a kill in between repeats the
// attempt.
// argv: token endpoint, file for the note.
import { existsSync, writeFileSync } from 'node:fs';

const [endpoint, note] = process.argv.slice(2);
if (!existsSync(note)) {
  await fetch(endpoint, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: 'refresh-0' }),
  });
  writeFileSync(note, String(Date.now()));
}
