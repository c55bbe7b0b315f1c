-- What is kept of a channel's events: decided by an administrator. The ceiling of its source lies above.
alter table channel
    add column policy text not null default 'full' check (policy in ('full', 'metadata', 'sampled', 'off')),
    -- Of a thousand keys.
    add column sampled_per_mille smallint check (sampled_per_mille between 1 and 999),
    -- The most bytes of its payload blocks; null: no limit.
    add column payload_limit bigint check (payload_limit > 0),
    add column policy_changed_at timestamptz,
    -- null: nobody yet, or somebody who is gone.
    add column policy_changed_by uuid references person on delete set null,
    add constraint channel_sampled check ((policy = 'sampled') = (sampled_per_mille is not null));
