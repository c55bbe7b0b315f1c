-- What reads beside the taps took of a source: until when it is paid for at the part of its cap that is theirs. One row
-- for all processes; whoever reads waits until then.
create table source_beside (
    source_id bigint primary key references source on delete cascade,
    paid_until timestamptz not null
) with (fillfactor = 50);
