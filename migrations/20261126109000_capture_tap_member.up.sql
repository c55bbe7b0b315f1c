-- Which processes read from a source (decision 16): one row each, for as long as the process says that it lives. Whoever
-- is in here lives; one whose time has run out is removed by another member, and joins anew when it comes back.
create table tap_member (
    -- Grows with every joining and is never used again: the order of joining is the order of the parts.
    id bigint generated always as identity primary key,
    source_id bigint not null references source on delete cascade,
    holder text not null,
    expires timestamptz not null
) with (fillfactor = 50); -- one update in place every second or so
create index tap_member_source on tap_member (source_id);
