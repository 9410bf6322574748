-- What sums over all families are found by: who was helped when, who belonged to them, and the bare answers of a period.
CREATE INDEX fact_episode ON fact (authority, family, first, last, id) WHERE kind = 'episode';
CREATE INDEX fact_membership ON fact (authority, family, person, first, last, id) WHERE kind = 'membership';
CREATE INDEX decision_answered ON decision (authority, question, as_of, family, id, result);
