-- Of partitions that a tail has not met before ($1): those opened before the newest that it has met ($2), and their last
-- stored positions. A minute of doubt, because partitions opened at once appear in any order.
select p.id,
       coalesce((select max(d.last_position) from partition_bucket d where d.partition_id = p.id and d.part = 'metadata'), -1) as "last!"
from partition p
where p.id = any($1)
  and p.opened_at < (select max(k.opened_at) - interval '1 minute' from partition k where k.id = any($2))
