-- Where in its code a plugin stopped, by the names that its own file gives: for its publisher, who sees nothing else of a run.
ALTER TABLE run ADD COLUMN place TEXT;
