-- Where in its code a plugin stopped, by the names that its own file gives. As sqlite/authority/0020.
ALTER TABLE run ADD COLUMN place words;
