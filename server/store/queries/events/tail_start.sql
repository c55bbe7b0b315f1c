-- The last stored position of each of these partitions; -1 where nothing is stored.
select p.id as "id!",
       coalesce((select max(d.last_position) from partition_bucket d where d.partition_id = p.id and d.part = 'metadata'), -1) as "last!"
from unnest($1::bigint[]) as p(id)
order by p.id
