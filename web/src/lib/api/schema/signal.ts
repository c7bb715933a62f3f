// Made from signal-server/openapi.json by `npm run schema`; not to be changed by hand.
export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * @description Why an offer of files is over.
         * @enum {string}
         */
        Closed: "done" | "declined" | "withdrawn" | "gone";
        /** @description What a client may send. */
        Command: {
            /** @description Repeated in the answer. */
            ref: string;
            /** @description Which room. */
            room: components["schemas"]["RoomId"];
            /** @description A room token for signal. */
            token: string;
            /** @enum {string} */
            type: "enter";
        } | {
            /** @description Repeated in the answer. */
            ref: string;
            /** @description Which room. */
            room: components["schemas"]["RoomId"];
            /** @description A room token for signal. */
            token: string;
            /** @enum {string} */
            type: "renew";
        } | {
            /** @description Repeated in the answer. */
            ref: string;
            /** @description Which room. */
            room: components["schemas"]["RoomId"];
            /** @enum {string} */
            type: "leave";
        } | {
            /** @description Repeated in the answer. */
            ref: string;
            /** @enum {string} */
            type: "servers";
        } | {
            /** @description With what it begins. */
            media: components["schemas"]["Media"];
            /** @description Whom. */
            person: components["schemas"]["PersonId"];
            /** @description Repeated in the answer. */
            ref: string;
            /** @description No direct way. */
            relay_only?: boolean;
            /** @description In which room. */
            room: components["schemas"]["RoomId"];
            /** @enum {string} */
            type: "ring";
        } | {
            /** @description Which call. */
            link: components["schemas"]["LinkId"];
            /** @description Repeated in the answer. */
            ref: string;
            /** @description No direct way. */
            relay_only?: boolean;
            /** @enum {string} */
            type: "accept";
        } | {
            /** @description Which call. */
            link: components["schemas"]["LinkId"];
            /** @description Repeated in the answer. */
            ref: string;
            /** @enum {string} */
            type: "decline";
        } | {
            /** @description Which one. */
            link: components["schemas"]["LinkId"];
            /** @description Repeated in the answer. */
            ref: string;
            /** @enum {string} */
            type: "hang_up";
        } | {
            /** @description Whether oneself had called. */
            called: boolean;
            /** @description Which call. */
            link: components["schemas"]["LinkId"];
            /** @description With what it began. */
            media: components["schemas"]["Media"];
            /** @description Repeated in the answer. */
            ref: string;
            /** @description No direct way. */
            relay_only?: boolean;
            /** @description In which room. */
            room: components["schemas"]["RoomId"];
            /** @enum {string} */
            type: "return";
            /** @description With whom. */
            with: components["schemas"]["PersonId"];
        } | {
            /** @description On which link. */
            link: components["schemas"]["LinkId"];
            /** @description What. */
            signal: components["schemas"]["Signal"];
            /** @enum {string} */
            type: "signal";
        } | {
            /** @description Of which link. */
            link: components["schemas"]["LinkId"];
            /**
             * Format: int32
             * @description Lost packets of a thousand.
             */
            lost_permille: number;
            /** @description On which way. */
            path: components["schemas"]["Path"];
            /**
             * Format: int32
             * @description There and back, in milliseconds.
             */
            rtt_ms: number;
            /** @enum {string} */
            type: "quality";
        } | {
            /**
             * Format: int64
             * @description How many there are.
             */
            count: number;
            /** @description The first of them. */
            files: components["schemas"]["File"][];
            offer?: components["schemas"]["OfferId"] | null;
            /** @description Repeated in the answer. */
            ref: string;
            /** @description No direct way. */
            relay_only?: boolean;
            /** @description In which room. */
            room: components["schemas"]["RoomId"];
            /**
             * Format: int64
             * @description How large they are together, in bytes.
             */
            size: number;
            /** @enum {string} */
            type: "offer";
        } | {
            /** @description Which offer. */
            offer: components["schemas"]["OfferId"];
            /** @description Repeated in the answer. */
            ref: string;
            /** @enum {string} */
            type: "close";
            /** @description Why. */
            why: components["schemas"]["Closed"];
        } | {
            /** @description Which offer. */
            offer: components["schemas"]["OfferId"];
            /** @description Repeated in the answer. */
            ref: string;
            /** @description No direct way. */
            relay_only?: boolean;
            /** @enum {string} */
            type: "pull";
        } | {
            /** @description Which offer. */
            offer: components["schemas"]["OfferId"];
            /** @description Repeated in the answer. */
            ref: string;
            /** @enum {string} */
            type: "refuse";
        } | {
            /** @description What. */
            act: components["schemas"]["ConferenceAct"];
            /** @description Repeated in the answer. */
            ref: string;
            /** @description Which room. */
            room: components["schemas"]["RoomId"];
            /** @enum {string} */
            type: "conference";
        } | {
            /** @enum {string} */
            type: "ping";
        };
        /** @description What somebody does. */
        ConferenceAct: {
            back?: components["schemas"]["ConferenceBack"] | null;
            /** @description From another window, if one is in a conference there. */
            here?: boolean;
            /** @enum {string} */
            kind: "join";
            /** @description What is on. */
            shows: components["schemas"]["Shows"];
        } | {
            /** @enum {string} */
            kind: "leave";
        } | {
            /** @enum {string} */
            kind: "publish";
            /** @description A session description. */
            sdp: string;
            /** @description What comes in which of its sections, by their `mid`. */
            sources: {
                [key: string]: components["schemas"]["Source"];
            };
        } | {
            /** @enum {string} */
            kind: "take";
            /**
             * Format: int32
             * @description Of which offer.
             */
            number: number;
            /** @description A session description. */
            sdp: string;
        } | {
            /** @enum {string} */
            kind: "shows";
            /** @description What. */
            shows: components["schemas"]["Shows"];
        } | {
            /** @enum {string} */
            kind: "want";
            /** @description What. */
            want: components["schemas"]["Want"];
        } | {
            /** @enum {string} */
            kind: "hand";
            /** @description Up. */
            up: boolean;
        } | {
            /** @description How. */
            emoji: components["schemas"]["Emoji"];
            /** @enum {string} */
            kind: "react";
        } | {
            /** @enum {string} */
            kind: "mute";
            person?: components["schemas"]["PersonId"] | null;
        } | {
            /** @enum {string} */
            kind: "ask";
            /** @description Whom. */
            person: components["schemas"]["PersonId"];
        } | {
            /** @enum {string} */
            kind: "lower";
            /** @description Whose. */
            person: components["schemas"]["PersonId"];
        } | {
            /** @enum {string} */
            kind: "remove";
            /** @description Whom. */
            person: components["schemas"]["PersonId"];
        } | {
            /** @enum {string} */
            kind: "lock";
            /** @description Nobody else. */
            locked: boolean;
        } | {
            /** @enum {string} */
            kind: "end";
        };
        /** @description A conference to which somebody comes back. */
        ConferenceBack: {
            /** @description Which. */
            call: components["schemas"]["ConferenceId"];
            /**
             * Format: int64
             * @description Since when it was, in milliseconds since 1970.
             */
            since: number;
        };
        /** @description A conference, from its first to its last participant. */
        ConferenceId: string;
        /** @description What is told of a conference. */
        ConferenceNews: {
            /** @description Which. */
            call: components["schemas"]["ConferenceId"];
            /** @description How many are in it. */
            count: number;
            /** @enum {string} */
            kind: "live";
            /** @description Nobody else may come in. */
            locked: boolean;
            /** @description The first of them. */
            people: components["schemas"]["Named"][];
            /**
             * Format: int64
             * @description Since when, in milliseconds since 1970.
             */
            since: number;
        } | {
            /** @description Which. */
            call: components["schemas"]["ConferenceId"];
            /** @enum {string} */
            kind: "over";
        } | {
            /** @description Which. */
            call: components["schemas"]["ConferenceId"];
            /** @enum {string} */
            kind: "joined";
            /** @description Nobody else may come in. */
            locked: boolean;
            /** @description Everybody in it, also oneself, in the order of coming. */
            people: components["schemas"]["Participant"][];
            /**
             * Format: int64
             * @description Since when, in milliseconds since 1970.
             */
            since: number;
        } | (components["schemas"]["Participant"] & {
            /** @enum {string} */
            kind: "person";
        }) | {
            /** @enum {string} */
            kind: "left";
            /** @description Who. */
            person: components["schemas"]["PersonId"];
            /** @description Why. */
            why: components["schemas"]["ConferenceOut"];
        } | {
            /** @enum {string} */
            kind: "answer";
            /** @description A session description. */
            sdp: string;
        } | {
            /** @enum {string} */
            kind: "offer";
            /**
             * Format: int32
             * @description Repeated in the `take`.
             */
            number: number;
            /** @description A session description. */
            sdp: string;
            /** @description What comes in which of its sections. */
            streams: components["schemas"]["Stream"][];
        } | {
            /** @description Why: a stable code. */
            code: string;
            /** @enum {string} */
            kind: "failed";
        } | {
            /** @enum {string} */
            kind: "speaking";
            person?: components["schemas"]["PersonId"] | null;
        } | {
            /** @description How. */
            emoji: components["schemas"]["Emoji"];
            /** @enum {string} */
            kind: "reaction";
            /** @description Who. */
            person: components["schemas"]["PersonId"];
        } | {
            /** @description By whom: a name. */
            by: string;
            /** @enum {string} */
            kind: "muted";
        } | {
            /** @description By whom: a name. */
            by: string;
            /** @enum {string} */
            kind: "asked";
        } | {
            /** @enum {string} */
            kind: "locked";
            /** @description Nobody. */
            locked: boolean;
        } | {
            /** @enum {string} */
            kind: "line";
            /** @description What one receives. */
            receive: components["schemas"]["Quality"];
            /** @description What one sends. */
            send: components["schemas"]["Quality"];
        } | {
            /** @enum {string} */
            kind: "out";
            /** @description Why. */
            why: components["schemas"]["ConferenceOut"];
        };
        /**
         * @description Why somebody is not in a conference any more.
         * @enum {string}
         */
        ConferenceOut: "left" | "lost" | "elsewhere" | "removed" | "not_allowed" | "unconfirmed" | "ended";
        /**
         * @description How somebody feels.
         * @enum {string}
         */
        Emoji: "thumbs_up" | "thumbs_down" | "applause" | "heart" | "laughter" | "surprise" | "party" | "thinking";
        /**
         * @description Why a link is over.
         * @enum {string}
         */
        End: "hung_up" | "declined" | "missed" | "elsewhere" | "lost" | "not_allowed" | "unconfirmed" | "closed";
        /** @description A file that is offered. */
        File: {
            /** @description Its media type, as the sender's browser says; may be empty. */
            kind: string;
            /** @description Its name, with folders separated by `/`. */
            name: string;
            /**
             * Format: int64
             * @description In bytes.
             */
            size: number;
        };
        /** @description What the server sends. */
        Frame: {
            /**
             * Format: int64
             * @description The server's time.
             */
            at: number;
            /** @description What may be sent. */
            limits: components["schemas"]["Limits"];
            /** @enum {string} */
            type: "welcome";
        } | {
            link?: components["schemas"]["LinkId"] | null;
            offer?: components["schemas"]["OfferId"] | null;
            /** @description Of which command. */
            ref: string;
            room?: components["schemas"]["RoomId"] | null;
            /** @enum {string} */
            type: "ok";
        } | {
            /** @description Why: a stable code. */
            code: string;
            /** @description Of which command; absent when it has none, or was not understood. */
            ref?: string | null;
            /**
             * Format: int64
             * @description When waiting helps: how long, in milliseconds.
             */
            retry_after_ms?: number | null;
            room?: components["schemas"]["RoomId"] | null;
            /** @enum {string} */
            type: "refused";
        } | {
            /** @description What one may do there. */
            grants: components["schemas"]["Grants"];
            /** @description The room allows no direct way. */
            relay_only?: boolean;
            /** @description Which room. */
            room: components["schemas"]["RoomId"];
            /** @enum {string} */
            type: "stands";
        } | {
            /** @description Of the `servers`. */
            ref: string;
            /** @description This site allows no direct way. */
            relay_only: boolean;
            /** @description As an `RTCPeerConnection` takes them. */
            servers: components["schemas"]["IceServer"][];
            /** @enum {string} */
            type: "servers";
            /**
             * Format: int64
             * @description To be asked anew before, in milliseconds since 1970.
             */
            until: number;
        } | {
            /** @description The call. */
            link: components["schemas"]["LinkId"];
            /** @description With what. */
            media: components["schemas"]["Media"];
            /** @description Their name. */
            name: string;
            /** @description Who. */
            person: components["schemas"]["PersonId"];
            /** @description In which room. */
            room: components["schemas"]["RoomId"];
            /** @enum {string} */
            type: "ringing";
            /**
             * Format: int64
             * @description Until when it rings, in milliseconds since 1970.
             */
            until: number;
        } | {
            /** @description The link. */
            link: components["schemas"]["LinkId"];
            /** @description With whom. */
            person: components["schemas"]["PersonId"];
            /** @description Who gives way when both offer at once (perfect negotiation, W3C WebRTC 10.7). */
            polite: boolean;
            /** @description One of the two, the room or the site wants no direct way. */
            relay_only: boolean;
            /** @enum {string} */
            type: "connected";
        } | {
            /** @description The link. */
            link: components["schemas"]["LinkId"];
            /** @enum {string} */
            type: "away";
        } | {
            /** @description On which link. */
            link: components["schemas"]["LinkId"];
            /** @description What. */
            signal: components["schemas"]["Signal"];
            /** @enum {string} */
            type: "signal";
        } | {
            /** @description Which one. */
            link: components["schemas"]["LinkId"];
            /** @enum {string} */
            type: "ended";
            /** @description Why. */
            why: components["schemas"]["End"];
        } | {
            /**
             * Format: int64
             * @description Since when, in milliseconds since 1970.
             */
            at: number;
            /**
             * Format: int64
             * @description How many there are.
             */
            count: number;
            /** @description The first of them. */
            files: components["schemas"]["File"][];
            /** @description Their name. */
            name: string;
            /** @description The offer. */
            offer: components["schemas"]["OfferId"];
            /** @description Who. */
            person: components["schemas"]["PersonId"];
            /** @description In which room. */
            room: components["schemas"]["RoomId"];
            /**
             * Format: int64
             * @description How large they are together, in bytes.
             */
            size: number;
            /** @enum {string} */
            type: "offered";
        } | {
            /** @description The link. */
            link: components["schemas"]["LinkId"];
            /** @description Their name. */
            name: string;
            /** @description What. */
            offer: components["schemas"]["OfferId"];
            /** @description Who. */
            person: components["schemas"]["PersonId"];
            /** @enum {string} */
            type: "pulled";
        } | {
            /** @description Their name. */
            name: string;
            /** @description What. */
            offer: components["schemas"]["OfferId"];
            /** @description Who. */
            person: components["schemas"]["PersonId"];
            /** @enum {string} */
            type: "refused_offer";
        } | {
            /** @description Which one. */
            offer: components["schemas"]["OfferId"];
            /** @description In which room. */
            room: components["schemas"]["RoomId"];
            /** @enum {string} */
            type: "closed";
            /** @description Why. */
            why: components["schemas"]["Closed"];
        } | {
            /** @description What. */
            news: components["schemas"]["ConferenceNews"];
            /** @description Which room. */
            room: components["schemas"]["RoomId"];
            /** @enum {string} */
            type: "conference";
        } | {
            /** @description Why: a stable code. */
            code: string;
            /** @description In which room. */
            room: components["schemas"]["RoomId"];
            /** @enum {string} */
            type: "waiting";
        } | {
            /** @description Why: a stable code. */
            code: string;
            /** @description Out of which. */
            room: components["schemas"]["RoomId"];
            /** @enum {string} */
            type: "removed";
        } | {
            /**
             * Format: int64
             * @description After how long, in milliseconds.
             */
            after_ms: number;
            /** @enum {string} */
            type: "resume";
        } | {
            /** @enum {string} */
            type: "pong";
        };
        /**
         * @description One thing a member may do in a room.
         * @enum {string}
         */
        Grant: "read" | "post" | "mention_all" | "call" | "present" | "send_files" | "moderate" | "manage";
        Grants: ("read" | "post" | "mention_all" | "call" | "present" | "send_files" | "moderate" | "manage")[];
        /** @description A server that helps browsers to connect (W3C WebRTC 4.2.2). */
        IceServer: {
            /** @description That this is so. */
            credential?: string | null;
            /** @description Where it is. */
            urls: string[];
            /** @description Until when and for whom it may be used. */
            username?: string | null;
        };
        /** @description What may be sent on a socket. */
        Limits: {
            /** @description Most people in a conference; none where there are no conferences. */
            conference: number;
            /** @description Most files that are named in an offer. */
            files: number;
            /** @description Largest frame, in bytes. */
            frame_bytes: number;
            /** @description Most offers of a person at once. */
            offers: number;
            /** @description Most rooms on one socket. */
            rooms: number;
        };
        /** @description Two browsers that may connect: a call, or a pull of files. */
        LinkId: string;
        /**
         * @description With what a call begins.
         * @enum {string}
         */
        Media: "audio" | "video";
        /** @description Somebody, to those who are not in the conference. */
        Named: {
            /** @description Their name. */
            name: string;
            /** @description Who. */
            person: components["schemas"]["PersonId"];
        };
        /** @description An offer of files. */
        OfferId: string;
        /** @description Somebody in the conference. */
        Participant: {
            /** @description Their line is cut; they may come back. */
            away: boolean;
            /**
             * Format: int64
             * @description Their hand is up since then, in milliseconds since 1970.
             */
            hand?: number | null;
            /** @description They may mute, send out, lock and end. */
            leads: boolean;
            /** @description Their name. */
            name: string;
            /** @description Who. */
            person: components["schemas"]["PersonId"];
            /** @description What is on. */
            shows: components["schemas"]["Shows"];
        };
        /**
         * @description The way between two browsers.
         * @enum {string}
         */
        Path: "direct" | "relayed";
        /**
         * @description A person whom Sympa knows by e-mail address.
         * @example 01ARZ3NDEKTSV4RRFFQ69G5FAV
         */
        PersonId: string;
        /**
         * @description How good a line is.
         * @enum {string}
         */
        Quality: "good" | "low" | "bad";
        /**
         * @description How much somebody receives.
         * @enum {string}
         */
        Receive: "all" | "low" | "audio";
        /**
         * @description A room: the conversation of one list, or a direct one.
         * @example 01ARZ3NDEKTSV4RRFFQ69G5FAV
         */
        RoomId: string;
        /** @description What somebody has on. */
        Shows: {
            /** @description Their face. */
            camera: boolean;
            /** @description Their voice. */
            microphone: boolean;
            /** @description Their screen. */
            screen: boolean;
        };
        /** @description What two browsers tell each other to connect (RFC 8829). */
        Signal: {
            /** @enum {string} */
            kind: "offer";
            /** @description The description. */
            sdp: string;
        } | {
            /** @enum {string} */
            kind: "answer";
            /** @description The description. */
            sdp: string;
        } | {
            /** @description The candidate line. */
            candidate: string;
            /** @enum {string} */
            kind: "candidate";
            /** @description Of which media. */
            mid: string;
        };
        /**
         * @description Where sound or picture comes from.
         * @enum {string}
         */
        Source: "microphone" | "camera" | "screen" | "screen_sound";
        /** @description What comes in a section of an offer of the server. */
        Stream: {
            /** @description The section. */
            mid: string;
            /** @description From whom. */
            person: components["schemas"]["PersonId"];
            /** @description What. */
            source: components["schemas"]["Source"];
        };
        /** @description A picture that is to be seen. */
        Tile: {
            /**
             * Format: int32
             * @description How high it is on the screen, in pixels.
             */
            height: number;
            /** @description Of whom. */
            person: components["schemas"]["PersonId"];
            /** @description It keeps its quality when the line is narrow. */
            pinned?: boolean;
            /** @description Of what: a camera or a screen. */
            source: components["schemas"]["Source"];
        };
        /** @description What somebody receives. */
        Want: {
            /** @description How much of it. */
            receive: components["schemas"]["Receive"];
            /** @description The pictures that are to be seen; no others are sent. */
            tiles: components["schemas"]["Tile"][];
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
