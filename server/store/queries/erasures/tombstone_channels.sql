-- The next channels that erase on tombstones and for which no erasure of theirs still walks; of what only waits for its clean-up
-- nothing is found again.
select c.id, c.source_id, c.name, c.tombstones_by as "by!"
from channel c
where c.erase_on_tombstone and c.id > $1 and not exists (
    select from erasure e where e.by_tombstones = c.id and e.state = 'running')
order by c.id limit $2
