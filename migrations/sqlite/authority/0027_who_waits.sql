-- Rows that say the same of who is meant are found by the first bytes of what that comes to. A hash falls anywhere in an index, and of a file
-- with a million rows this index was most of what is written: with the bytes that tell hashes apart, and no more, it is less than half.
DROP INDEX waiting_row_who;
CREATE INDEX waiting_row_who ON waiting_row (substr(who, 1, 8));
