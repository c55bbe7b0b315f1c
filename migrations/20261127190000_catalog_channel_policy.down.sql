alter table channel
    drop constraint channel_sampled,
    drop column policy,
    drop column sampled_per_mille,
    drop column payload_limit,
    drop column policy_changed_at,
    drop column policy_changed_by;
