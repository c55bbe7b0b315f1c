-- Failed log-ins by subject: a digest of the login name or of the address.
create table log_in_attempt (
    subject bytea primary key check (octet_length(subject) = 32),
    failures integer not null,
    last_failed timestamptz not null,
    next_at timestamptz not null
) with (fillfactor = 70);
create index log_in_attempt_last on log_in_attempt (last_failed);
