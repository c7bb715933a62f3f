-- The least rights the bridge needs in Sympa's own database, on MySQL or MariaDB. It only reads.
-- Run as an administrator. The names of the database (here "sympa") and of the host the bridge comes from
-- (here 127.0.0.1) are yours to change:
--   CREATE USER sympa_bridge@'127.0.0.1' IDENTIFIED BY '...';
--   source grants-mysql.sql
-- Of the two tables with secrets only the columns that are used are given.
GRANT SELECT ON sympa.list_table TO sympa_bridge@'127.0.0.1';
GRANT SELECT ON sympa.subscriber_table TO sympa_bridge@'127.0.0.1';
GRANT SELECT ON sympa.admin_table TO sympa_bridge@'127.0.0.1';
GRANT SELECT (id_session, prev_id_session, date_session, email_session, data_session) ON sympa.session_table TO sympa_bridge@'127.0.0.1';
-- Without sign-in by Sympa's password, leave out password_user and wrong_login_count_user.
GRANT SELECT (email_user, gecos_user, lang_user, password_user, wrong_login_count_user) ON sympa.user_table TO sympa_bridge@'127.0.0.1';
