import { homedir } from 'node:os';

/**
 * To be imported before all else. A user without a home directory, such as one that has no entry in the list of users
 * either, is given one that does not exist: libraries ask for it when they are loaded, and would end the process.
 */
function hasHome(): boolean {
  try {
    return homedir() !== '';
  } catch {
    return false;
  }
}

if (!hasHome()) process.env.HOME = '/nonexistent';
