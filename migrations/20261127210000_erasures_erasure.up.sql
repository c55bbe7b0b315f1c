-- Somebody asks for a subject to be taken out of the store; somebody else approves; an engine walks the store, once to
-- count and once to erase. Made by people, so UUIDv7 (decision 7).
create table erasure (
    id uuid primary key,
    kind text not null check (kind in ('key', 'value', 'events')),
    -- What is to be erased: sealed where the configuration has a key for that, else plain. Forgotten when the walk that
    -- erases has ended, or the request: see the check below.
    subject bytea check (octet_length(subject) <= 131072),
    -- Which key sealed it; null: it is plain, or forgotten.
    subject_key text,
    -- The channels it is about; null: every one, those too that are found later.
    channels bigint[],
    reason text not null check (char_length(reason) between 1 and 500),
    state text not null check (
        state in ('counting', 'waiting', 'running', 'cleaning', 'done', 'declined', 'withdrawn', 'expired')
    ),
    -- Who asked and who decided: their names are kept beside, so that they outlive the accounts.
    asked_by uuid references person on delete set null,
    asked_name text not null,
    asked_at timestamptz not null,
    -- Undecided, it ends then.
    ends_at timestamptz not null,
    decided_by uuid references person on delete set null,
    decided_name text,
    decided_at timestamptz,
    word text not null default '' check (char_length(word) <= 300),
    ended_at timestamptz,
    -- The walk of the present state has done everything up to this place.
    at_partition bigint not null default 0,
    at_position bigint not null default -9223372036854775808,
    -- When the walk that erases ended: transactions that began before may still see what was there.
    walked_at timestamptz,
    -- What the walk that erases did: events it erased, left because of a hold, and blocks that can't be read.
    erased bigint not null default 0,
    left_held bigint not null default 0,
    unreadable bigint not null default 0,
    -- Saved searches that name it: how many there are, or were removed.
    searches integer not null default 0,
    -- Of a request that ended without erasing: its subject has left the table's dead rows as well.
    cleaned boolean not null default false,
    check ((subject is not null) = (state in ('counting', 'waiting', 'running')))
) with (fillfactor = 70);
create index erasure_asked on erasure (asked_at, id);
