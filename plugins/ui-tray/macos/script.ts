/**
 * The status item, in JavaScript for osascript. It reads one model per line, and prints the number of each chosen item.
 * UNTESTED: written from the documentation of AppKit and osascript, and not yet run on a Mac.
 */
export const SCRIPT = String.raw`
ObjC.import('Cocoa');

const output = $.NSFileHandle.fileHandleWithStandardOutput;
const report = message => output.writeData($(JSON.stringify(message) + '\n').dataUsingEncoding($.NSUTF8StringEncoding));
let statusItem;
let rest = '';

function buildMenu(items, target) {
  const menu = $.NSMenu.alloc.init;
  menu.autoenablesItems = false;
  for (const item of items) {
    if (item.separator) {
      menu.addItem($.NSMenuItem.separatorItem);
      continue;
    }
    const clicked = item.number ? 'clicked:' : null;
    const entry = $.NSMenuItem.alloc.initWithTitleActionKeyEquivalent($(item.label), clicked, $(''));
    entry.target = target;
    entry.tag = item.number || 0;
    entry.enabled = item.enabled !== false;
    entry.state = item.checked ? 1 : 0;
    if (item.items) entry.submenu = buildMenu(item.items, target);
    menu.addItem(entry);
  }
  return menu;
}

function show(model, target) {
  statusItem.button.title = $(model.glyph);
  statusItem.button.toolTip = $(model.title);
  statusItem.menu = buildMenu(model.items, target);
}

ObjC.registerSubclass({
  name: 'KeepaliveTray',
  methods: {
    'clicked:': { types: ['void', ['id']], implementation: entry => report({ chosen: Number(entry.tag) }) },
    'received:': {
      types: ['void', ['id']],
      implementation: function (notification) {
        const data = notification.userInfo.objectForKey('NSFileHandleNotificationDataItem');
        if (data.length == 0) {
          $.NSApp.terminate(null);
          return;
        }
        const text = ObjC.unwrap($.NSString.alloc.initWithDataEncoding(data, $.NSUTF8StringEncoding));
        const lines = (rest + text).split('\n');
        rest = lines.pop();
        if (lines.length) show(JSON.parse(lines.pop()), this);
        notification.object.readInBackgroundAndNotify;
      },
    },
  },
});

function run() {
  const app = $.NSApplication.sharedApplication;
  app.setActivationPolicy($.NSApplicationActivationPolicyAccessory);
  statusItem = $.NSStatusBar.systemStatusBar.statusItemWithLength(-1);
  const target = $.KeepaliveTray.alloc.init;
  const input = $.NSFileHandle.fileHandleWithStandardInput;
  const completed = 'NSFileHandleReadCompletionNotification';
  $.NSNotificationCenter.defaultCenter.addObserverSelectorNameObject(target, 'received:', completed, input);
  input.readInBackgroundAndNotify;
  app.run;
}
`;
