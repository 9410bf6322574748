-- Rows that say the same of who is meant are found by the first bytes of what that comes to. As sqlite/authority/0027.
DROP INDEX waiting_row_who;
CREATE INDEX waiting_row_who ON waiting_row (authority, substr(who, 1, 8));
