// This file is JavaScript, because TypeScript loaders do not reach into worker threads.
import bcrypt from 'bcryptjs';

/** @param {{ password: string, cost: number }} task */
export const hash = ({ password, cost }) => bcrypt.hashSync(password, cost);

/** @param {{ password: string, hashes: string[] }} task */
export const verify = ({ password, hashes }) =>
  hashes.some((hash) => bcrypt.compareSync(password, hash));
