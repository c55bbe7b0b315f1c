alter table delivery_alert drop column thread;
