-- The hourly housekeeping takes away what has served its time (crm/housekeeping.py); the record is not among it.
grant delete on session, link_token, job, mail_message to crm_app;
create index import_batch_job on import_batch (job_id);
