-- What the program itself writes, as its sentence in English and its values, so that everyone reads it in their own language: {"text": …, "values": {…}}.
-- Null where a person wrote it, and of what was written before; then the text beside it is shown as it is.
alter table job add column title_words jsonb;
alter table activity add column summary_words jsonb;
