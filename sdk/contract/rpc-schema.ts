import { z } from 'zod';
import { method, noneSchema } from './rpc-base-schema.ts';
import { configMethods, configNotifications, pluginMethods } from './rpc-config-schema.ts';
import { doctorMethods } from './rpc-doctor-schema.ts';
import {
  kernelMethods,
  kernelNotifications,
  noticeMethods,
  noticeNotifications,
  pageMethods,
} from './rpc-kernel-schema.ts';
import { fleetMethods, fleetNotifications } from './rpc-fleet-schema.ts';
import { loginMethods, loginNotifications } from './rpc-login-schema.ts';
import { notifierMethods } from './rpc-notifier-schema.ts';
import { sessionMethods, sessionNotifications } from './rpc-session-schema.ts';
import { toolMethods } from './rpc-tool-schema.ts';
import { warmUpMethods, warmUpNotifications } from './rpc-warmup-schema.ts';

/** Every method of the API. */
export const METHODS = {
  ...kernelMethods,
  ...sessionMethods,
  ...loginMethods,
  ...pageMethods,
  ...noticeMethods,
  ...notifierMethods,
  ...toolMethods,
  ...pluginMethods,
  ...configMethods,
  ...doctorMethods,
  ...warmUpMethods,
  ...fleetMethods,
  'rpc.discover': method('This document.', noneSchema, z.record(z.string(), z.unknown())),
};

/** Every notification. Each is sent to every client, but `login/didChange`. */
export const NOTIFICATIONS = {
  ...sessionNotifications,
  ...loginNotifications,
  ...noticeNotifications,
  ...configNotifications,
  ...warmUpNotifications,
  ...fleetNotifications,
  ...kernelNotifications,
};
