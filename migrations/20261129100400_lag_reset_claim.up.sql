-- One reset of a group on a channel at a time, and one that stands for each that is taken back: two who ask at once are told
-- apart here, before the broker is asked.
alter table lag_reset
    -- False: it did not come off, or not wholly, or its end was never heard of. What it was to take back can be taken back again.
    add column stands boolean not null default true;
update lag_reset r set stands = false
where not r.done
   or exists (select from lag_reset l where l.undoes = r.undoes and (l.at, l.id) > (r.at, r.id));
create unique index lag_reset_taken_back on lag_reset (undoes) where stands and undoes is not null;
create unique index lag_reset_under_way on lag_reset (group_id, channel) where stands and not done;
