import { args, getopt, load, note, refuse, root, save } from './stand-in.mjs';

// Stands in for security(1): exit codes are the last byte of an OSStatus, as there.
const NOT_FOUND = 44; // errSecItemNotFound
const DUPLICATE = 45; // errSecDuplicateItem
const NO_INTERACTION = 36; // errSecInteractionNotAllowed

const MISSING = 'The specified item could not be found in the keychain.';
const usage = command => word => refuse(2, `security: unknown option ${word}`, `Usage: ${command} [options]`);

const keychain = load('keychain.json', { items: [] });
const stamp = () => new Date().toISOString().replace(/[-:T]|\.\d+/g, '');

/** Text as security(1) prints it: anything but plain ASCII as hexadecimal, with octal escapes after it. */
function blob(text) {
  if (/^[ -~]*$/.test(text)) return `"${text}"`;
  const bytes = [...Buffer.from(text)];
  const escaped = bytes.map(byte =>
    byte > 31 && byte < 127 ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, '0')}`,
  );
  return `0x${Buffer.from(bytes).toString('hex').toUpperCase()}  "${escaped.join('')}"`;
}

const date = time => `0x${Buffer.from(`${time}\0`).toString('hex').toUpperCase()}  "${time}\\000"`;

const describe = ({ service, account, created, modified }) => `keychain: "${root}/Library/Keychains/login.keychain-db"
version: 512
class: "genp"
attributes:
    0x00000007 <blob>=${blob(service)}
    0x00000008 <blob>=<NULL>
    "acct"<blob>=${blob(account)}
    "cdat"<timedate>=${date(created)}
    "crtr"<uint32>=<NULL>
    "cusi"<sint32>=<NULL>
    "desc"<blob>=<NULL>
    "gena"<blob>=<NULL>
    "icmt"<blob>=<NULL>
    "invi"<sint32>=<NULL>
    "mdat"<timedate>=${date(modified)}
    "nega"<sint32>=<NULL>
    "prot"<blob>=<NULL>
    "scrp"<sint32>=<NULL>
    "svce"<blob>=${blob(service)}
    "type"<uint32>=<NULL>
`;

const isWanted =
  ({ s: [service] = [], a: [account] = [] }) =>
  item =>
    (service === undefined || item.service === service) && (account === undefined || item.account === account);

function find(words) {
  const { found } = getopt(words, 'acCdDGjlrs', 'wg', usage('find-generic-password'));
  if (keychain.denied) refuse(NO_INTERACTION, 'security: SecKeychainSearchCopyNext: User interaction is not allowed.');
  const item = keychain.items.find(isWanted(found));
  if (!item) refuse(NOT_FOUND, `security: SecKeychainSearchCopyNext: ${MISSING}`);
  const isSecret = found.w ?? found.g;
  // The attributes of an item are not encrypted, so that a locked keychain shows them too.
  if (isSecret && keychain.locked)
    refuse(NO_INTERACTION, 'security: SecKeychainItemCopyContent: User interaction is not allowed.');
  process.stdout.write(found.w ? `${item.secret}\n` : describe(item));
}

function add(words) {
  const { found } = getopt(words, 'acCDGjlrswXT', 'UA', usage('add-generic-password'));
  if (!found.s || !found.a)
    refuse(2, 'Usage: add-generic-password [-a account] [-s service] [-w password] [options...]');
  if (keychain.denied || keychain.locked)
    refuse(NO_INTERACTION, 'security: SecKeychainItemCreateFromContent (<default>): User interaction is not allowed.');
  const [service] = found.s;
  const [account] = found.a;
  const secret = found.X ? Buffer.from(found.X[0], 'hex').toString() : (found.w?.[0] ?? '');
  const known = keychain.items.find(item => item.service === service && item.account === account);
  if (known && !found.U)
    refuse(
      DUPLICATE,
      'security: SecKeychainItemCreateFromContent (<default>): The specified item already exists in the keychain.',
    );
  const others = keychain.items.filter(item => item !== known);
  const item = { service, account, secret, created: known?.created ?? stamp(), modified: stamp() };
  save('keychain.json', { ...keychain, items: [...others, item] });
}

function remove(words) {
  const { found } = getopt(words, 'acCDGjlrs', '', usage('delete-generic-password'));
  const item = keychain.items.find(isWanted(found));
  if (!item) refuse(NOT_FOUND, `security: SecKeychainSearchCopyNext: ${MISSING}`);
  save('keychain.json', { ...keychain, items: keychain.items.filter(other => other !== item) });
}

const COMMANDS = { 'find-generic-password': find, 'add-generic-password': add, 'delete-generic-password': remove };

note('security', args);
const [command = '', ...words] = args;
if (!Object.hasOwn(COMMANDS, command)) refuse(2, `security: unknown command "${command}"`);
COMMANDS[command](words);
