-- A member lives on, and learns how its source is shared: one statement, however many partitions there are. Whoever
-- stands in tap_member lives, whatever the time says: only burying makes a death, and the other statements see it.
-- What a dead one had under way ends with it: a process that froze while it sent rows would hold the lock on their
-- partition for as long as it is frozen, and neither a statement's nor a transaction's time limit counts there.
with beaten as (
    update tap_member set expires = clock_timestamp() + $3::float8 * interval '1 ms' where id = $2 returning id
), buried as (
    delete from tap_member where $4 and source_id = $1 and id <> $2 and expires <= clock_timestamp()
    returning id, holder
), ended as (
    select count(pg_terminate_backend(a.pid)) as n
    from (select distinct holder from buried) b join pg_stat_activity a on a.application_name = b.holder
    where a.datname = current_database() and a.usename = current_user and a.xact_start is not null
), living as (
    select id from tap_member where source_id = $1 and id not in (select id from buried)
), held as (
    select member_id, count(*) as n from partition_lease where source_id = $1 group by member_id
)
select exists (select from beaten) as "lives!",
       coalesce((select array_agg(id order by id) from living), '{}') as "members!",
       coalesce((select sum(n) from held), 0)::bigint as "partitions!",
       coalesce((select n from held where member_id = $2), 0) as "held!",
       coalesce((
           select sum(n) from held where member_id is null or member_id not in (select id from living)
       ), 0)::bigint as "free!",
       (select n from ended) as "ended!",
       -- A version before this one reads a whole source under this name.
       exists (
           select from lease l join source s on l.name = 'tap/' || s.name
           where s.id = $1 and l.expires > clock_timestamp()
       ) as "whole!"
