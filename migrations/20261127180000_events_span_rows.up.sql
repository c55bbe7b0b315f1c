-- The rows of a span's events stand in the span, packed together: one row in the database for some hundreds of events
-- instead of one each. What they take falls to a tenth, and capture writes no index entry per event.
-- `rows`: a byte for the way it is packed, then event after event (see the store's `span`):
--   0: 52 bytes each, written by this migration alone;
--   1: numbers of seven bits a byte (LEB128), written at capture.
alter table event_span
    add column captured_at timestamptz,
    -- Bucket of its block; null if capture kept no bytes of any of its events.
    add column block_bucket integer,
    add column rows bytea;
alter table event_span alter column rows set storage external;

update event_span s set (captured_at, block_bucket, rows) = (
    select max(e.captured_at), max(e.block_bucket),
           '\x00'::bytea || string_agg(
               int2send(e.flags)
               || int2send(((e.key_hash is not null)::integer + 2 * (e.ce_time is not null)::integer
                            + 4 * (e.broker_ms is not null)::integer)::smallint)
               || int8send(e.position)
               || int8send((extract(epoch from e.sort_time) * 1000000)::bigint)
               || int8send(coalesce(e.broker_ms, 0))
               || int8send(coalesce((extract(epoch from e.ce_time) * 1000000)::bigint, 0))
               || int8send(coalesce(e.key_hash, 0))
               || int4send(e.type_id)
               || int4send(e.size), ''::bytea order by e.position)
    from event e
    where e.bucket = s.bucket and e.partition_id = s.partition_id and e.block_first = s.first_position);

-- A span of which no row is left tells nothing.
delete from event_span where rows is null;
alter table event_span alter column captured_at set not null, alter column rows set not null;
drop table event;

-- Microseconds since 1970 as a time: exactly until the year 2255.
create function from_micros(us bigint) returns timestamptz language sql immutable strict as
    $$ select timestamptz 'epoch' + us * interval '1 microsecond' $$;

-- The packed rows of a span, one by one. For people who ask the database by hand, and for the way back: Weir itself
-- unpacks them.
create function span_rows(rows bytea, first_position bigint, captured_at timestamptz)
returns table (ordinal smallint, "position" bigint, sort_time timestamptz, broker_ms bigint, ce_time timestamptz,
               key_hash bigint, type_id integer, size integer, flags smallint)
language plpgsql immutable strict as $$
declare
    -- Unpacked once; the parameter may lie outside of its row.
    body bytea := rows || ''::bytea;
    at integer := 1;
    till integer := octet_length(rows);
    captured bigint := (extract(epoch from captured_at) * 1000000)::bigint;
    sorted bigint := captured;
    before bigint := first_position - 1;
    head bigint;
    n bigint;
    b integer;
    shift integer;
    fields bigint[];
    hash bigint;
    has integer;
begin
    ordinal := 0;
    if get_byte(body, 0) = 0 then
        while at < till loop
            flags := get_byte(body, at) << 8 | get_byte(body, at + 1);
            has := get_byte(body, at + 3);
            fields := '{}';
            for i in 0..4 loop
                n := 0;
                for b in 0..7 loop
                    n := (n << 8) | get_byte(body, at + 4 + 8 * i + b);
                end loop;
                fields := fields || n;
            end loop;
            "position" := fields[1];
            sort_time := from_micros(fields[2]);
            broker_ms := case when has & 4 > 0 then fields[3] end;
            ce_time := case when has & 2 > 0 then from_micros(fields[4]) end;
            key_hash := case when has & 1 > 0 then fields[5] end;
            type_id := (get_byte(body, at + 44) << 24) | (get_byte(body, at + 45) << 16) | (get_byte(body, at + 46) << 8) | get_byte(body, at + 47);
            size := (get_byte(body, at + 48) << 24) | (get_byte(body, at + 49) << 16) | (get_byte(body, at + 50) << 8) | get_byte(body, at + 51);
            at := at + 52;
            return next;
            ordinal := ordinal + 1;
        end loop;
        return;
    end if;
    while at < till loop
        -- What stands here: see the head's bits.
        for i in 0..6 loop
            n := 0;
            if i < 5 or i = 5 and head & 4 > 0 or i = 6 and head & 2 > 0 then
                shift := 0;
                loop
                    b := get_byte(body, at);
                    at := at + 1;
                    n := n | ((b & 127)::bigint << shift);
                    exit when b < 128;
                    shift := shift + 7;
                end loop;
            end if;
            case i
                when 0 then
                    head := n;
                    flags := (n >> 4)::smallint;
                when 1 then
                    before := before + 1 + n;
                    "position" := before;
                when 2 then
                    sorted := sorted + ((n >> 1 & 9223372036854775807) # -(n & 1));
                    sort_time := from_micros(sorted);
                when 3 then type_id := n;
                when 4 then size := n;
                when 5 then
                    broker_ms := case
                        when head & 8 > 0 then null
                        when head & 4 > 0 then (n >> 1 & 9223372036854775807) # -(n & 1)
                        else sorted / 1000
                    end;
                when 6 then
                    ce_time := case when head & 2 > 0 then from_micros(sorted + ((n >> 1 & 9223372036854775807) # -(n & 1))) end;
            end case;
        end loop;
        key_hash := null;
        if head & 1 > 0 then
            hash := 0;
            for b in 0..7 loop
                hash := hash | (get_byte(body, at + b)::bigint << 8 * b);
            end loop;
            key_hash := hash;
            at := at + 8;
        end if;
        return next;
        ordinal := ordinal + 1;
    end loop;
end $$;

-- Every event's row, for people who ask the database by hand. Slow: a span is unpacked for each look.
create view event as
select s.partition_id, r."position", r.sort_time, s.captured_at, s.first_position as block_first, r.broker_ms, r.key_hash,
       r.ce_time, s.bucket, r.type_id, r.size, case when r.flags & 64 = 0 then s.block_bucket end as block_bucket,
       r.ordinal, r.flags
from event_span s cross join lateral span_rows(s.rows, s.first_position, s.captured_at) r;
