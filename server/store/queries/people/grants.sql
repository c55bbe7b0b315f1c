-- The first grants of each person, with names and how many there are.
select person_id, environment_id, environment as "environment?", source_id, source as "source?", channel_pattern,
       total as "total!"
from (
    select g.person_id, g.environment_id, e.name as environment, g.source_id, s.name as source, g.channel_pattern, g.id,
           row_number() over (partition by g.person_id order by g.id) as n,
           count(*) over (partition by g.person_id) as total
    from person_grant g
    left join environment e on e.id = g.environment_id
    left join source s on s.id = g.source_id
    where g.person_id = any($1)
) x
where n <= $2
order by person_id, n
