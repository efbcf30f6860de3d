import { literal, Op } from 'sequelize';
import type { NodeRepository } from '../../ports/repositories.js';
import { translating } from './errors.js';
import type { Models } from './models.js';

/** Two beats and a little. */
const LATELY = { [Op.gt]: literal("now() - interval '12 seconds'") };
const SILENT_FOR_A_DAY = { beatAt: { [Op.lt]: literal("now() - interval '1 day'") } };

export function createNodeRepository({ Node }: Models): NodeRepository {
  return {
    beat: ({ id, hostname, version, hears }) =>
      translating(async () => {
        const beat = { id, hostname, version, hears, beatAt: new Date() };
        await Node.upsert(beat, { fields: ['hears', 'beatAt'], returning: false });
        await Node.destroy({ where: SILENT_FOR_A_DAY });
      }),

    peersHear: (id) =>
      translating(async () => {
        const where = { id: { [Op.ne]: id }, hears: true, beatAt: LATELY };
        return (await Node.count({ where })) > 0;
      }),

    leave: (id) =>
      translating(async () => {
        await Node.destroy({ where: { id } });
      }),
  };
}
