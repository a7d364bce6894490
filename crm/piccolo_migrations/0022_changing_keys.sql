-- Secret keys may change. A staged FEIN is sealed in a column of its own, where it can be sealed anew, and has its hash under
-- each earlier key too, so that a row finds an employer whose own hash was not made anew yet.
alter table import_row add column fein_sealed bytea, add column fein_hashes_earlier bytea[] not null default '{}';
update import_row set fein_sealed = decode(facts ->> 'fein_sealed', 'base64'), facts = facts - 'fein_sealed'
 where facts ? 'fein_sealed';
update import_row set after = after - 'fein_sealed' where after ? 'fein_sealed';
