-- Free ones, in an order of this member's own, so that each member's part is a mixture of channels.
with free as (
    select l.partition_id from partition_lease l join partition p on p.id = l.partition_id
    where l.source_id = $1 and p.closed_at is null
      and not exists (select from tap_member m where m.id = l.member_id)
    order by hashint8(l.partition_id * 31 + $2) limit $3
)
update partition_lease l set member_id = $2, epoch = nextval('partition_lease_epoch')
from free f
where l.partition_id = f.partition_id and exists (select from tap_member m where m.id = $2)
