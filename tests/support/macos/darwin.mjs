import os from 'node:os';
import { syncBuiltinESMExports } from 'node:module';

// Loaded before a program of ours, which then takes this machine for a Mac.
Object.defineProperty(process, 'platform', { value: 'darwin' });
os.platform = () => 'darwin';
syncBuiltinESMExports();
