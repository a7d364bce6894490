-- Sealed answers and papers of ended cases go when their time is over (crm/incentives/keeping.py).
grant delete on case_file to crm_app;
