// This file is JavaScript, because TypeScript loaders do not reach into worker threads.
import bcrypt from 'bcryptjs';

/** @param {{ password: string, cost: number }} task */
export const hash = ({ password, cost }) => bcrypt.hashSync(password, cost);

/** @param {{ password: string, hash: string }} task */
export const verify = (task) => bcrypt.compareSync(task.password, task.hash);
