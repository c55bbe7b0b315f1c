-- How far channels were compared with their brokers.
select c.id as "channel!", c.name as "name!", c.source_id as "source!",
       count(*)::integer as "partitions!", count(v.verified_at)::integer as "verified!",
       min(v.verified_at) as "until: Ts", coalesce(sum(v.compared), 0)::bigint as "compared!",
       coalesce(sum(v.gone), 0)::bigint as "gone!", coalesce(sum(d.n), 0)::bigint as "differences!"
from partition p
join channel c on c.id = p.channel_id
left join partition_verified v on v.partition_id = p.id
left join lateral (select count(*) as n from verify_difference f where f.partition_id = p.id) d on true
where c.id = any($1) and ($2::bigint is null or c.source_id = $2)
  and (p.closed_at is null and exists (select from partition_bucket b where b.partition_id = p.id and b.part = 'metadata')
       or d.n > 0)
group by c.id, c.name, c.source_id
order by c.name, c.id
