drop table log_in_attempt;
