-- Lists of employers sorted by an added field: numbers as numbers, days and texts as they are read, each field in its order.
create function field_number(value jsonb) returns numeric
language sql immutable parallel safe
return case when (value #>> '{}') ~ '^-?[0-9]{1,12}([.][0-9]{1,4})?$' then (value #>> '{}')::numeric else 'Infinity'::numeric end;

create function field_text(value jsonb) returns text
language sql immutable parallel safe
return left(public.fold(value #>> '{}'), 100);

-- choices and yes or no have marks, and an index of their own
create index custom_value_order on custom_value (field_id, field_number(value), field_text(value), employer_id)
    where employer_id is not null and aside_at is null and value is not null and cardinality(marks) = 0;
