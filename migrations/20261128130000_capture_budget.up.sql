-- One budget in bytes for all tables and indexes that hold captured events: what was decided, and what upkeep measured.
create table capture_budget (
    one_row boolean primary key default true check (one_row),
    -- null: there is none.
    bytes bigint check (bytes > 0),
    -- The configuration file says it, and it is changed there.
    from_file boolean not null default false,
    changed_at timestamptz,
    -- null: nobody yet, the file, or somebody who is gone.
    changed_by uuid references person on delete set null,
    -- Bytes in use, and those within the same tables that are free to be written to again. null: not measured yet.
    used bigint,
    room bigint not null default 0,
    measured_at timestamptz,
    -- The mark that was last passed, as people were told.
    fill text not null default 'room' check (fill in ('room', 'warn', 'full'))
);
insert into capture_budget default values;
-- What was done about it: acts of people and of Weir itself.
create table capture_budget_step (
    id bigint generated always as identity primary key,
    at timestamptz not null,
    done text not null check (done in ('set', 'warned', 'full', 'room', 'gave_up', 'withheld', 'restored')),
    channel_id bigint references channel on delete cascade,
    -- Of payloads that were given up.
    bytes bigint,
    used bigint,
    budget bigint
);
alter table channel
    -- When it gives way as the budget fills: 1 first, 9 last.
    add column budget_turn smallint not null default 5 check (budget_turn between 1 and 9),
    -- Its payloads are not kept since then, for want of room.
    add column withheld_at timestamptz;
-- Payloads in a bucket went before their time, so that its table of blocks is larger than what it holds: how many bytes of it
-- each stored byte took before. null: nothing went.
alter table bucket add column density double precision check (density >= 1);
alter table payload_given_up drop constraint payload_given_up_reason_check;
alter table payload_given_up add constraint payload_given_up_reason_check check (reason in ('limit', 'retention', 'budget'));
