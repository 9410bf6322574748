// What every plugin in JavaScript may want beside the interface.

/** A section that gives no answer: `why`, code list absences. Not caught, it is the plugin's refusal. */
export class Absence extends Error {
  constructor(asked, why) {
    super(`${asked} gives no answer: ${why}`);
    this.name = 'Absence';
    this.why = why;
  }
}

/** What `refuse` throws. */
export class Refusal extends Error {
  constructor(why, message) {
    super(`refused: ${why}`);
    this.name = 'Refusal';
    this.why = why;
    this.given = message;
  }
}

/** Ends the question with a refusal: an answer, not a fault. `why`, code list failures; `message`, one of `words.js`. */
export function refuse(why, message = null) {
  throw new Refusal(why, message);
}
