-- Of a handover that both have, why it was given stands in their own records, and no longer between them.
UPDATE handover SET terms = json_set(terms, '$.reason', '') WHERE state = 'settled';
