-- What has served its time goes (crm/housekeeping.py): links that ended, trials of rules, and the files of trials and reports.
grant delete on screening_link, learner_link, rule_trial, stored_file to crm_app;
create index stored_file_kept on stored_file (created_at) where kind like 'report:%' or kind = 'tried_hires';
