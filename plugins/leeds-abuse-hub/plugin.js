// The daily domestic abuse hub. The rules are in README.md, in words and with their sources; each question has a file.
export { allocate } from './allocate.js';
export { onEvent } from './event.js';
export { triage } from './triage.js';
