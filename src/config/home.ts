import { homedir } from 'node:os';

/**
 * Import this first. A user without a home directory, for instance without an entry in the user database, gets one
 * that does not exist: libraries ask for it when they are loaded, and would otherwise end the process.
 */
function hasHome(): boolean {
  try {
    return homedir() !== '';
  } catch {
    return false;
  }
}

if (!hasHome()) process.env.HOME = '/nonexistent';
