drop index lag_reset_under_way;
drop index lag_reset_taken_back;
alter table lag_reset drop column stands;
