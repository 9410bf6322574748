// The six-weekly review of the goals that a family chose. The rules are in README.md, in words and with their sources.
import * as run from './kit/platform/run.js';
import { readAnswers, readBefore } from './answers.js';
import { goalsOf, proposeGoals, remarkOnGoals, reportGoals } from './goals.js';
import { askForReview, nextReview, remarkOnReview } from './review.js';
import { reportScales, talkOverFalls } from './scales.js';

/** Code list assessment-results. */
export function evaluate() {
  const now = readAnswers();
  const before = readBefore();
  const on = now.day('reviewed-on') ?? run.asOf();
  const goals = goalsOf(now, before);

  const goalsAnswered = reportGoals(goals, before);
  const scales = reportScales(now, before);
  const wrong = remarkOnGoals(goals);
  remarkOnReview(on, before);
  if (wrong || !goalsAnswered || !scales.answered || !now.has('signed')) return 'incomplete';

  const next = nextReview(on);
  proposeGoals(goals, on, next);
  talkOverFalls(scales.fallen, on);
  askForReview(goals, on, next);
  return 'complete';
}
