import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createContext, Script } from 'node:vm';
import { note, refuse, root } from './stand-in.mjs';

// As much of AppKit, over the bridge of JavaScript for Automation, as a status item needs. It knows no more than what
// is here, so that a misspelt method fails, as on a Mac.
const LOOK_MS = 20;

class NSString {
  constructor(js) {
    this.js = js;
  }
  dataUsingEncoding(encoding) {
    if (encoding !== 4) throw new Error('not UTF-8');
    return Buffer.from(this.js, 'utf8');
  }
}

const isText = value => value instanceof NSString;
const check = (isRight, what) => {
  if (!isRight) throw new TypeError(`the bridge refuses ${what}`);
};

/** A property that is read may be a method without arguments, so that a misspelt one would be undefined. */
const strict = (name, members) =>
  new Proxy(members, {
    get(target, key) {
      if (typeof key === 'symbol' || key in target) return Reflect.get(target, key, target);
      throw new TypeError(`${name} has no ${key}`);
    },
    set(target, key, value) {
      check(key in target, `${name}.${String(key)}`);
      return Reflect.set(target, key, value, target);
    },
  });

const menuItem = (title, action, key) => {
  check(isText(title) && isText(key) && (action === null || typeof action === 'string'), 'a menu item');
  return strict('NSMenuItem', {
    title: title.js,
    action,
    target: null,
    tag: 0,
    enabled: true,
    state: 0,
    submenu: null,
  });
};

const menu = () => {
  const items = [];
  return strict('NSMenu', { autoenablesItems: true, items, addItem: item => void items.push(item) });
};

const shownMenu = ({ items }) =>
  items.map(item =>
    'separator' in item
      ? '-'
      : {
          label: item.title,
          ...(item.state && { checked: true }),
          ...(!item.enabled && { enabled: false }),
          ...(item.submenu && { items: shownMenu(item.submenu) }),
        },
  );

const statusItem = strict('NSStatusItem', {
  button: strict('NSStatusBarButton', {
    shown: {},
    set title(text) {
      check(isText(text), 'a title');
      this.shown.title = text.js;
    },
    set toolTip(text) {
      check(isText(text), 'a tool tip');
      this.shown.toolTip = text.js;
    },
  }),
  current: null,
  set menu(next) {
    this.current = next;
    note('menu-bar', { ...this.button.shown, items: shownMenu(next) });
  },
});

const subclasses = {};
let observer;
let isReading = false;

/** Chunks are small, so that a character may be divided between two of them. */
const CHUNK = 512;
const input = strict('NSFileHandle', {
  get readInBackgroundAndNotify() {
    isReading = true;
    queueMicrotask(deliver);
    return undefined;
  },
});
const pending = [];
let hasEnded = false;

function deliver() {
  if (!isReading || !observer || (pending.length === 0 && !hasEnded)) return;
  isReading = false;
  const data = pending.shift() ?? Buffer.alloc(0);
  const objectForKey = key => (key === 'NSFileHandleNotificationDataItem' ? data : undefined);
  observer({ userInfo: { objectForKey }, object: input });
}

function perform(target, selector, argument) {
  const { types, implementation } = target.methods[selector] ?? {};
  check(types?.[0] === 'void' && types[1].length === implementation.length, selector);
  implementation.call(target, argument);
}

/** A test chooses an item by its label, or by the labels on the way to it. */
function choose() {
  const file = join(root, 'choice.json');
  if (!existsSync(file)) return;
  const path = JSON.parse(readFileSync(file, 'utf8'));
  rmSync(file);
  let items = statusItem.current.items;
  let item;
  for (const label of path) {
    item = items.find(({ title }) => title === label);
    if (!item?.enabled) refuse(1, `there is no ${label} to choose`);
    items = item.submenu?.items ?? [];
  }
  if (item.action) perform(item.target, item.action, item);
}

function bridge() {
  const unwrap = value => (isText(value) ? value.js : undefined);
  const classes = {
    NSFileHandle: strict('NSFileHandle', {
      fileHandleWithStandardOutput: strict('NSFileHandle', { writeData: data => void process.stdout.write(data) }),
      fileHandleWithStandardInput: input,
    }),
    NSUTF8StringEncoding: 4,
    NSMenu: {
      get alloc() {
        return { init: menu() };
      },
    },
    NSMenuItem: {
      separatorItem: { separator: true },
      alloc: strict('NSMenuItem', { initWithTitleActionKeyEquivalent: menuItem }),
    },
    // Bytes that are no UTF-8 give nil.
    NSString: { alloc: strict('NSString', { initWithDataEncoding: data => decode(data) }) },
    NSApplicationActivationPolicyAccessory: 1,
    NSApplication: {
      sharedApplication: strict('NSApplication', {
        setActivationPolicy: policy => check(policy === 1, 'a policy'),
        get run() {
          return void setInterval(choose, LOOK_MS);
        },
      }),
    },
    NSApp: strict('NSApplication', { terminate: () => process.exit() }),
    NSStatusBar: { systemStatusBar: strict('NSStatusBar', { statusItemWithLength: () => statusItem }) },
    NSNotificationCenter: {
      defaultCenter: strict('NSNotificationCenter', {
        addObserverSelectorNameObject(target, selector, name, object) {
          check(name === 'NSFileHandleReadCompletionNotification' && object === input, name);
          observer = argument => perform(target, selector, argument);
        },
      }),
    },
  };
  const $ = new Proxy(text => new NSString(String(text)), {
    get: (_, name) => subclasses[name] ?? Reflect.get(strict('$', classes), name),
  });
  const registerSubclass = ({ name, methods }) => void (subclasses[name] = { alloc: { init: { methods } } });
  return { $, ObjC: strict('ObjC', { import: name => check(name === 'Cocoa', name), unwrap, registerSubclass }) };
}

function decode(data) {
  try {
    return new NSString(new TextDecoder('utf-8', { fatal: true }).decode(data));
  } catch {
    return undefined;
  }
}

export function runScript(text, argv) {
  process.stdin.on('data', data => {
    for (let at = 0; at < data.length; at += CHUNK) pending.push(data.subarray(at, at + CHUNK));
    deliver();
  });
  process.stdin.on('end', () => {
    hasEnded = true;
    deliver();
  });
  const context = createContext(bridge());
  new Script(text).runInContext(context);
  new Script('run').runInContext(context)(argv);
}
