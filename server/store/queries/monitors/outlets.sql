-- Outlets by name, or one, each with a row for each of its secrets.
select o.id, o.name, o.kind, o.is_on, o.settings, o.takes, o.version, s.field as "field?", s.key_id as "key_id?", s.sealed as "sealed?"
from outlet o left join outlet_secret s on s.outlet_id = o.id
where $1::uuid is null or o.id = $1
order by lower(o.name), o.id, s.field
