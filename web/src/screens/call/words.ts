// Puts the states and ends of a call, and what is wrong with a device, into sentences with a next step.
import type { CallState, EndReason } from '../../lib/model/call';
import type { DeviceProblem } from '../../lib/model/call-media.svelte';
import { m } from '../../lib/paraglide/messages';
import { sentence } from '../../lib/text/words';

export function stateWord(state: CallState, name: string): string {
  switch (state) {
    case 'ringing-out':
      return m.call_ringing_out({ name });
    case 'ringing-in':
      return m.call_ringing_in({ name });
    case 'connecting':
      return m.call_connecting();
    case 'reconnecting':
      return m.call_reconnecting({ name });
    default:
      return '';
  }
}

export function endSentence(reason: EndReason | null, name: string): string {
  const sentences: Record<string, () => string> = {
    hung_up: m.call_over,
    declined: () => m.call_declined({ name }),
    missed: () => m.call_missed_out({ name }),
    lost: m.call_lost,
    not_allowed: m.call_not_allowed,
    unconfirmed: m.call_unconfirmed,
    absent: () => m.call_absent({ name }),
    busy: () => m.call_busy({ name }),
    in_a_call: m.call_in_a_call,
    no_such_link: m.call_over,
    offline: m.call_offline,
  };
  return reason ? (sentences[reason] ?? (() => sentence(reason)))() : '';
}

export function problemSentence(line: 'microphone' | 'camera', problem: DeviceProblem): string {
  const sentences: Record<'microphone' | 'camera', Record<DeviceProblem, () => string>> = {
    microphone: {
      denied: m.call_microphone_denied,
      system: m.call_microphone_system,
      insecure: m.call_microphone_insecure,
      in_use: m.call_microphone_in_use,
      none: m.call_microphone_none,
      failed: m.call_microphone_failed,
    },
    camera: {
      denied: m.call_camera_denied,
      system: m.call_camera_system,
      insecure: m.call_camera_insecure,
      in_use: m.call_camera_in_use,
      none: m.call_camera_none,
      failed: m.call_camera_failed,
    },
  };
  return sentences[line][problem]();
}
