-- The tables of Sympa 6.2 on SQLite, word for word as Sympa 6.2.70 makes them (Sympa::DatabaseManager::probe_db on an empty
-- file, read from sqlite_master). Left out are the tables with a time in their names, which Sympa keeps as copies when it adds a
-- primary key. A statement ends at a semicolon; compare with tests/demo.rs.

CREATE TABLE "admin_table" (comment_admin text, date_epoch_admin integer, inclusion_admin integer, inclusion_ext_admin integer, inclusion_label_admin text, info_admin text, list_admin text, profile_admin text, reception_admin text, robot_admin text, role_admin text, subscribed_admin numeric, update_epoch_admin integer, user_admin text, visibility_admin text,
	 PRIMARY KEY (robot_admin,list_admin,user_admin,role_admin)
 );
CREATE INDEX admin_user_index ON admin_table (user_admin);
CREATE TABLE "conf_table" (label_conf text, robot_conf text, value_conf text,
	 PRIMARY KEY (robot_conf,label_conf)
 );
CREATE TABLE "exclusion_table" (date_exclusion integer, family_exclusion text, list_exclusion text, robot_exclusion text, user_exclusion text,
	 PRIMARY KEY (family_exclusion,robot_exclusion,user_exclusion,list_exclusion)
 );
CREATE TABLE "inclusion_table" (role_inclusion text, source_inclusion text, target_inclusion text, update_epoch_inclusion integer,
	 PRIMARY KEY (source_inclusion,role_inclusion,target_inclusion)
 );
CREATE TABLE "list_table" (creation_email_list text, creation_epoch_list integer, family_list text, name_list text, robot_list text, searchkey_list text, status_list text, topics_list text, total_list integer, update_email_list text, update_epoch_list integer, web_archive_list numeric,
	 PRIMARY KEY (robot_list,name_list)
 );
CREATE TABLE logs_table (temporary INT, action_logs text, client_logs text, daemon_logs text, date_logs integer, error_type_logs text, list_logs text, msg_id_logs text, parameters_logs text, robot_logs text, status_logs text, target_email_logs text, usec_logs integer, user_email_logs text);
CREATE TABLE "netidmap_table" (email_netidmap text, netid_netidmap text, robot_netidmap text, serviceid_netidmap text,
	 PRIMARY KEY (serviceid_netidmap,robot_netidmap,netid_netidmap)
 );
CREATE TABLE "notification_table" (
	 pk_notification	integer PRIMARY KEY AUTOINCREMENT,
	 arrival_date_notification text, arrival_epoch_notification integer, date_notification integer, list_notification text, message_id_notification text, reception_option_notification text, recipient_notification text, robot_notification text, status_notification text, type_notification text);
CREATE TABLE "one_time_ticket_table" (
	 ticket_one_time_ticket	text PRIMARY KEY,
	 data_one_time_ticket text, date_one_time_ticket integer, email_one_time_ticket text, remote_addr_one_time_ticket text, robot_one_time_ticket text, status_one_time_ticket text);
CREATE TABLE "session_table" (
	 id_session	text PRIMARY KEY,
	 data_session text, date_session integer, email_session text, hit_session integer, prev_id_session text, refresh_date_session integer, remote_addr_session text, robot_session text, start_date_session integer);
CREATE INDEX session_prev_id_index ON session_table (prev_id_session);
CREATE TABLE stat_counter_table (temporary INT, beginning_date_counter integer, count_counter integer, data_counter text, end_date_counter integer, list_counter text, robot_counter text);
CREATE TABLE stat_table (temporary INT, daemon_stat text, date_stat integer, email_stat text, list_stat text, operation_stat text, parameter_stat text, read_stat numeric, robot_stat text, user_ip_stat text);
CREATE INDEX stats_user_index ON stat_table (email_stat);
CREATE TABLE "subscriber_table" (bounce_address_subscriber text, bounce_score_subscriber integer, bounce_subscriber text, comment_subscriber text, custom_attribute_subscriber text, date_epoch_subscriber integer, inclusion_ext_subscriber integer, inclusion_label_subscriber text, inclusion_subscriber integer, list_subscriber text, number_messages_subscriber integer, reception_subscriber text, robot_subscriber text, subscribed_subscriber numeric, suspend_end_date_subscriber integer, suspend_start_date_subscriber integer, suspend_subscriber numeric, topics_subscriber text, update_epoch_subscriber integer, user_subscriber text, visibility_subscriber text,
	 PRIMARY KEY (robot_subscriber,user_subscriber,list_subscriber)
 );
CREATE INDEX subscriber_user_index ON subscriber_table (user_subscriber);
CREATE TABLE "user_table" (
	 email_user	text PRIMARY KEY,
	 attributes_user text, cookie_delay_user integer, data_user text, gecos_user text, lang_user text, last_active_date_user integer, last_login_date_user integer, last_login_host_user text, password_user text, wrong_login_count_user integer);
