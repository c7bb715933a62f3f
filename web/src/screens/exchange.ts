// What calls and transfers need: a part of its own, so that nobody waits for it who only reads; see parts.ts.
export { Exchange } from '../lib/model/exchange.svelte';
export { default as CallLayer } from './call/CallLayer.svelte';
export { default as ConferenceLayer } from './conference/Layer.svelte';
export { default as AttachButton } from './transfer/AttachButton.svelte';
export { default as RoomTransfers } from './transfer/RoomTransfers.svelte';
export { default as OfferCard } from './transfer/OfferCard.svelte';
