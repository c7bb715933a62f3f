-- The least rights the bridge needs in Sympa's own database, on PostgreSQL. It only reads.
-- Run as a superuser or as the owner of Sympa's tables, connected to Sympa's database (here "sympa"):
--   CREATE ROLE sympa_bridge LOGIN PASSWORD '...';
--   \i grants-postgresql.sql
-- Of the two tables with secrets only the columns that are used are given.
GRANT SELECT ON list_table, subscriber_table, admin_table TO sympa_bridge;
GRANT SELECT (id_session, prev_id_session, date_session, email_session, data_session) ON session_table TO sympa_bridge;
-- Without sign-in by Sympa's password, leave out password_user and wrong_login_count_user.
GRANT SELECT (email_user, gecos_user, lang_user, password_user, wrong_login_count_user) ON user_table TO sympa_bridge;
