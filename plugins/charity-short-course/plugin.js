// A charity's short course. The rules are in README.md, in words and with their sources; each question has a file.
export { checkContract } from './check.js';
export { payment } from './payment.js';
export { review } from './review.js';
export { shortlist } from './shortlist.js';
