-- The first grant that names an environment or source that there is not, or a source of another environment.
select g.n as "row!"
from unnest($1::bigint[], $2::bigint[]) with ordinality g (environment, source, n)
left join environment e on e.id = g.environment
left join source s on s.id = g.source
where (g.environment is not null and e.id is null)
   or (g.source is not null and s.id is null)
   or s.environment_id <> e.id
order by g.n
limit 1
