// Puts the protocol's words (codes, roles, modes) into sentences for people. Every code has a sentence and, where there is one, a next step.
import type { Role } from '../api/types';
import { m } from '../paraglide/messages';

const SENTENCES: Record<string, () => string> = {
  offline: m.code_offline,
  bad_ticket: m.code_bad_ticket,
  wrong_password: m.code_wrong_password,
  account_locked: m.code_wrong_password,
  no_sympa_session: m.code_no_sympa_session,
  sympa_session_expired: m.code_sympa_session_expired,
  impersonated: m.code_impersonated,
  method_off: m.code_method_off,
  wrong_origin: m.code_wrong_origin,
  not_a_member: m.code_not_a_member,
  banned: m.code_banned,
  room_closed: m.code_room_closed,
  not_allowed: m.code_not_allowed,
  no_such_room: m.code_no_such_room,
  no_direct_room: m.code_no_direct_room,
  no_such_person: m.code_no_such_person,
  no_such_message: m.code_no_such_message,
  too_large: m.code_too_large,
  too_many: m.code_too_many,
  sympa_unavailable: m.code_sympa_unavailable,
  bridge_unavailable: m.code_unavailable,
  unavailable: m.code_unavailable,
  signed_out: m.session_ended,
  token_not_yet_valid: m.code_unavailable,
};

export function sentence(code: string): string {
  return (SENTENCES[code] ?? m.code_other)();
}

/** The one role worth saying beside a name; being a subscriber needs no word. */
export function roleWord(roles: Role[] | undefined): string {
  if (!roles) return '';
  if (roles.includes('privileged_owner') || roles.includes('owner')) return m.role_owner();
  if (roles.includes('editor')) return m.role_editor();
  if (roles.includes('listmaster')) return m.role_listmaster();
  return '';
}
