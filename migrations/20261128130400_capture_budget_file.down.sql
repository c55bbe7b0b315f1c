drop table capture_budget_file;
