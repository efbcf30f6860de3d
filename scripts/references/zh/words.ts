import { DETAILS } from './details.js';
import { FIELDS } from './fields.js';
import { REFUSALS } from './refusals.js';
import { SHAPES } from './shapes.js';
import { TITLES } from './titles.js';

/** The Chinese for each text of the contract. If one is missing, the Chinese reference has the English. */
export const CHINESE: Readonly<Record<string, string>> = {
  ...TITLES,
  ...DETAILS,
  ...REFUSALS,
  ...SHAPES,
  ...FIELDS,
};
