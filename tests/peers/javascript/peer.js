import { progress as rule } from './plugin.js';
import { asked } from './host.js';

export const progress = (given) => asked(given, rule);
