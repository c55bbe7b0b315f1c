drop table maintenance_window;
