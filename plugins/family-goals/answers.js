// The answers to the form, looked up by question, and those of the time before.
/** @import { Answer } from './kit/assessment/answers.js' */
/** @import { Day, Person } from './kit/family/types.js' */
import * as form from './kit/assessment/answers.js';

export class Answers {
  /** @param {Answer[]} rows */
  constructor(rows) {
    this.rows = rows;
  }

  /** The answer, whatever its state; null where nothing was said. @param {string} question @param {Person | null} person */
  find(question, person = null) {
    return this.rows.find((row) => row.question === question && (row.person ?? null) === person) ?? null;
  }

  /** Was it answered, or said that it is not known? @param {string} question @param {Person | null} person */
  has(question, person = null) {
    return this.find(question, person) !== null;
  }

  /** A point on a scale, in tenths; null where none is known. @param {string} question @param {Person | null} person */
  point(question, person = null) {
    const value = this.find(question, person)?.value;
    return value?.tag === 'tenths' ? value.val : null;
  }

  /** The option chosen, of a single choice. @param {string} question @param {Person | null} person */
  option(question, person = null) {
    const value = this.find(question, person)?.value;
    return value?.tag === 'options' ? value.val[0] ?? null : null;
  }

  /** @param {string} question @param {Person | null} person @returns {Day | null} */
  day(question, person = null) {
    const value = this.find(question, person)?.value;
    return value?.tag === 'day' ? value.val : null;
  }

  /** Whom a question for each person is about, in the form's order. @param {string} question @returns {Person[]} */
  people(question) {
    return this.rows.flatMap((row) => (row.question === question && row.person != null ? [row.person] : []));
  }
}

/** The answers of the review before, and its day. @typedef {{ on: Day, answers: Answers }} Before */

export const readAnswers = () => new Answers(form.given());

/** @returns {Before | null} */
export function readBefore() {
  const last = form.before();
  return last ? { on: last[0], answers: new Answers(last[1]) } : null;
}
