/**
 * The status item, in the JavaScript that macOS itself runs: a model a line comes in, the number of a chosen item a line goes out.
 * UNTESTED: written from the documentation of AppKit and of osascript; nobody has run it on a Mac yet.
 */
export const SCRIPT = String.raw`
ObjC.import('Cocoa');

const output = $.NSFileHandle.fileHandleWithStandardOutput;
const say = message => output.writeData($(JSON.stringify(message) + '\n').dataUsingEncoding($.NSUTF8StringEncoding));
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
    const entry = $.NSMenuItem.alloc.initWithTitleActionKeyEquivalent($(item.label), item.number ? 'clicked:' : null, $(''));
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
    'clicked:': { types: ['void', ['id']], implementation: entry => say({ chosen: Number(entry.tag) }) },
    'received:': {
      types: ['void', ['id']],
      implementation: function (notification) {
        const data = notification.userInfo.objectForKey('NSFileHandleNotificationDataItem');
        if (data.length == 0) {
          $.NSApp.terminate(null);
          return;
        }
        const lines = (rest + ObjC.unwrap($.NSString.alloc.initWithDataEncoding(data, $.NSUTF8StringEncoding))).split('\n');
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
  $.NSNotificationCenter.defaultCenter.addObserverSelectorNameObject(target, 'received:', 'NSFileHandleReadCompletionNotification', input);
  input.readInBackgroundAndNotify;
  app.run;
}
`;
