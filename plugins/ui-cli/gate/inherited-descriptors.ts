import { fstatSync, readdirSync, statSync, type Stats } from 'node:fs';

type Descriptor = { readonly number: number; readonly facts: Stats };

/**
 * The descriptors above the standard ones with which this process was started, as by `3<file` or by make for its jobs.
 * Node marks them to be closed when another program begins. Has to be called before anything else is opened.
 */
export function inheritedDescriptors(): readonly number[] {
  const open = openDescriptors();
  // Node has opened its own in order, first one that waits for events. Those below were there before.
  const firstOfNode = open.find(({ facts }) => isOfNoKind(facts))?.number ?? Infinity;
  // Node has both ends of each of its pipes. Other systems give each end its own number.
  const isPair = ({ ino }: Stats) =>
    process.platform !== 'linux' || open.filter(other => other.facts.ino === ino).length > 1;
  const spare = spareOf(open);
  const isOfNode = ({ number, facts }: Descriptor) =>
    isOfNoKind(facts) || (facts.isFIFO() && isPair(facts)) || number === spare;
  return open.filter(one => one.number < firstOfNode || !isOfNode(one)).map(({ number }) => number);
}

/**
 * Node's spare, `/dev/null`, which it closes if it has to open something and cannot. Node opens it with the first
 * stream, which Node 24 does while modules are loaded. What Node opens has the lowest free number.
 */
function spareOf(open: readonly Descriptor[]): number | undefined {
  const last = open.findLast(({ facts }) => isOfNoKind(facts));
  if (!last) return undefined;
  const above = open.filter(({ number }) => number > last.number);
  const adjacent = above.filter(({ number }, index) => number === last.number + 1 + index);
  return adjacent.findLast(({ facts }) => isNull(facts))?.number;
}

function openDescriptors(): readonly Descriptor[] {
  const numbers = namesIn('/dev/fd').map(Number);
  return numbers
    .filter(number => number > 2)
    .toSorted((a, b) => a - b)
    .flatMap(number => factsOf(number));
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** None for the folder that was just read: its descriptor is closed. */
function factsOf(number: number): readonly Descriptor[] {
  try {
    return [{ number, facts: fstatSync(number) }];
  } catch {
    return [];
  }
}

/** An event queue, for example. */
const isOfNoKind = (facts: Stats): boolean =>
  !(facts.isFile() || facts.isDirectory() || facts.isFIFO() || facts.isSocket() || isDevice(facts));

const isNull = (facts: Stats): boolean => facts.isCharacterDevice() && facts.rdev === statSync('/dev/null').rdev;

const isDevice = (facts: Stats): boolean => facts.isCharacterDevice() || facts.isBlockDevice();
