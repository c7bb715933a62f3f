// Opens what somebody begins a call with.
import type { CallMedia } from '../../lib/model/call-media.svelte';

/** Answers whether it may begin: without a microphone one listens, but who wants to be seen is not called in unseen. */
export async function opened(own: CallMedia, video: boolean): Promise<boolean> {
  if (!own.tracks.microphone && !own.problems.microphone) await own.openMicrophone();
  if (video) return own.tracks.camera !== null || own.openCamera();
  own.stop('camera');
  return true;
}
