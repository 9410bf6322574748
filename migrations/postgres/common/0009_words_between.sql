-- Of a handover that both have, why it was given stands in their own records, and no longer between them. As sqlite/common/0009.
UPDATE handover SET terms = jsonb_set(terms::jsonb, '{reason}', '""')::text WHERE state = 'settled';
GRANT UPDATE (terms) ON handover TO hearth_app;
