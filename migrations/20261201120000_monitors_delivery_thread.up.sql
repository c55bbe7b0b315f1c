-- What hangs together at one outlet, of each alert that a message is about. Null: written by a program that had one thread
-- for all outlets, which is with the alert.
alter table delivery_alert add column thread uuid;
