delete from payload_given_up where reason = 'budget';
alter table payload_given_up drop constraint payload_given_up_reason_check;
alter table payload_given_up add constraint payload_given_up_reason_check check (reason in ('limit', 'retention'));
alter table bucket drop column density;
alter table channel drop column budget_turn, drop column withheld_at;
drop table capture_budget_step;
drop table capture_budget;
