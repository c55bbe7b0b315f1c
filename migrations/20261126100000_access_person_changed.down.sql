-- Whoever was invited and has not come has no way in without their link.
delete from person where password_hash = '' and joined_at is null;
alter table person
    drop column version,
    drop column changed_at,
    drop column changed_by,
    drop column joined_at,
    drop column last_seen;
