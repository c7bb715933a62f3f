// Made from chat-server/openapi.json by `npm run schema`; not to be changed by hand.
export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description Acts of moderation in a room, newest first. */
        Acts: {
            /** @description At most 200. */
            acts: components["schemas"]["Audited"][];
        };
        /** @description An act of moderation, as moderators read it. */
        Audited: {
            /** @description What was done. */
            act: string;
            /**
             * Format: int64
             * @description When, in milliseconds since 1970.
             */
            at: number;
            /** @description The moderator. */
            by: string;
            /** @description Whose message it was. */
            detail: string;
            /** @description The moderator's name. */
            name: string;
            /**
             * Format: int64
             * @description To which message.
             */
            target: number;
        };
        /** @description A call that is over. */
        Call: {
            /**
             * Format: int64
             * @description When it was over.
             */
            at: number;
            /** @description Who called. */
            by: components["schemas"]["PersonId"];
            /** @description The call. */
            call: string;
            /**
             * Format: int64
             * @description For how long they talked, in milliseconds.
             */
            lasted_ms: number;
            /** @description With what it began. */
            media: components["schemas"]["Media"];
            /** @description Under which name. */
            name: string;
            /** @description How it went. */
            outcome: components["schemas"]["Outcome"];
            /**
             * Format: int64
             * @description Its place.
             */
            seq: number;
            /** @description Who was called. */
            to: components["schemas"]["PersonId"];
        };
        /**
         * @description Why an offer of files is over.
         * @enum {string}
         */
        Closed: "done" | "declined" | "withdrawn" | "gone";
        /** @description That an offer is over. */
        Closing: {
            /**
             * Format: int64
             * @description When.
             */
            at: number;
            /** @description Why. */
            why: components["schemas"]["Closed"];
        };
        /** @description What a client may send. */
        Command: {
            /**
             * Format: int64
             * @description The last event this client knows.
             */
            from?: number | null;
            /**
             * Format: int32
             * @description How many of the newest messages to give.
             */
            lines: number;
            /** @description Repeated in the answer. */
            ref: string;
            /** @description Which room. */
            room: components["schemas"]["RoomId"];
            /** @description A room token for chat. */
            token: string;
            /** @enum {string} */
            type: "enter";
        } | {
            /** @description Repeated in the answer. */
            ref: string;
            /** @description Which room. */
            room: components["schemas"]["RoomId"];
            /** @description A room token for chat. */
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
            /** @description The text. */
            body: string;
            /** @description Everybody is addressed. */
            mention_all?: boolean;
            /** @description The people addressed. */
            mentions?: components["schemas"]["PersonId"][];
            /** @description Chosen once per message; the same nonce twice is one message. */
            nonce: string;
            /** @description Repeated in the answer. */
            ref: string;
            /**
             * Format: int64
             * @description The message this answers.
             */
            reply_to?: number | null;
            /** @description Which room. */
            room: components["schemas"]["RoomId"];
            /** @enum {string} */
            type: "say";
        } | {
            /** @description The new text. */
            body: string;
            /** @description The people addressed now. */
            mentions?: components["schemas"]["PersonId"][];
            /** @description Repeated in the answer. */
            ref: string;
            /** @description Which room. */
            room: components["schemas"]["RoomId"];
            /**
             * Format: int64
             * @description Which message.
             */
            target: number;
            /** @enum {string} */
            type: "edit";
        } | {
            /** @description Repeated in the answer. */
            ref: string;
            /** @description Which room. */
            room: components["schemas"]["RoomId"];
            /**
             * Format: int64
             * @description Which message.
             */
            target: number;
            /** @enum {string} */
            type: "delete";
        } | {
            /** @description With what. */
            emoji: string;
            /** @description Set it, or take it back. */
            on: boolean;
            /** @description Repeated in the answer. */
            ref: string;
            /** @description Which room. */
            room: components["schemas"]["RoomId"];
            /**
             * Format: int64
             * @description To which message.
             */
            target: number;
            /** @enum {string} */
            type: "react";
        } | {
            /** @description Which room. */
            room: components["schemas"]["RoomId"];
            /**
             * Format: int64
             * @description Read up to here.
             */
            seq: number;
            /** @enum {string} */
            type: "read";
        } | {
            /** @description Typing, or stopped. */
            on: boolean;
            /** @description Which room. */
            room: components["schemas"]["RoomId"];
            /** @enum {string} */
            type: "typing";
        } | {
            /** @enum {string} */
            type: "ping";
        };
        /** @description A conference that is over. */
        Conference: {
            /**
             * Format: int64
             * @description When it was over.
             */
            at: number;
            /** @description Who began it. */
            by: components["schemas"]["PersonId"];
            /** @description The conference. */
            call: string;
            /**
             * Format: int64
             * @description For how long it went on, in milliseconds.
             */
            lasted_ms: number;
            /** @description Under which name. */
            name: string;
            /**
             * Format: int32
             * @description How many people were in it.
             */
            people: number;
            /**
             * Format: int64
             * @description Its place.
             */
            seq: number;
        };
        /** @description That a message or an offer was taken away. */
        Deleted: {
            /**
             * Format: int64
             * @description When.
             */
            at: number;
            /** @description By a moderator. */
            moderated: boolean;
        };
        /** @description A room as it stands, for somebody who enters. */
        Entered: components["schemas"]["Place"] & {
            /** @description There are no older ones. */
            first: boolean;
            /** @description The newest messages, oldest first. */
            items: components["schemas"]["Item"][];
            /** @description Of the `enter`. */
            ref: string;
            /** @description Which room. */
            room: components["schemas"]["RoomId"];
            /**
             * Format: int64
             * @description The last event of the room.
             */
            seq: number;
        };
        /** @description Something that happened in a room, with its place in the room's order. */
        Event: {
            /**
             * Format: int64
             * @description When, in milliseconds since 1970.
             */
            at: number;
            /** @description The text. */
            body: string;
            /** @description Who. */
            by: components["schemas"]["PersonId"];
            /** @enum {string} */
            kind: "said";
            /** @description Everybody is addressed. */
            mention_all?: boolean;
            /** @description The people addressed. */
            mentions?: components["schemas"]["PersonId"][];
            /** @description Under which name. */
            name: string;
            /** @description The client's own mark of it. */
            nonce: string;
            /**
             * Format: int64
             * @description The message it answers.
             */
            reply_to?: number | null;
            /**
             * Format: int64
             * @description Its place.
             */
            seq: number;
        } | {
            /**
             * Format: int64
             * @description When.
             */
            at: number;
            /** @description The new text. */
            body: string;
            /** @description Who. */
            by: components["schemas"]["PersonId"];
            /** @enum {string} */
            kind: "edited";
            /** @description The people addressed now. */
            mentions?: components["schemas"]["PersonId"][];
            /**
             * Format: int64
             * @description Its place.
             */
            seq: number;
            /**
             * Format: int64
             * @description Which message.
             */
            target: number;
        } | {
            /**
             * Format: int64
             * @description When.
             */
            at: number;
            /** @description Who. */
            by: components["schemas"]["PersonId"];
            /** @enum {string} */
            kind: "deleted";
            /** @description Taken away by a moderator. */
            moderated: boolean;
            /**
             * Format: int64
             * @description Its place.
             */
            seq: number;
            /**
             * Format: int64
             * @description Which one.
             */
            target: number;
        } | {
            /**
             * Format: int64
             * @description When.
             */
            at: number;
            /** @description Who. */
            by: components["schemas"]["PersonId"];
            /** @description With what. */
            emoji: string;
            /** @enum {string} */
            kind: "reacted";
            /** @description Under which name. */
            name: string;
            /** @description Set, or taken back. */
            on: boolean;
            /**
             * Format: int64
             * @description Its place.
             */
            seq: number;
            /**
             * Format: int64
             * @description To which message.
             */
            target: number;
        } | {
            /**
             * Format: int64
             * @description When it was over.
             */
            at: number;
            /** @description Who called. */
            by: components["schemas"]["PersonId"];
            /** @description The call. */
            call: string;
            /** @enum {string} */
            kind: "called";
            /**
             * Format: int64
             * @description For how long they talked, in milliseconds.
             */
            lasted_ms: number;
            /** @description With what it began. */
            media: components["schemas"]["Media"];
            /** @description Under which name. */
            name: string;
            /** @description How it went. */
            outcome: components["schemas"]["Outcome"];
            /**
             * Format: int64
             * @description Its place.
             */
            seq: number;
            /** @description Who was called. */
            to: components["schemas"]["PersonId"];
        } | {
            /**
             * Format: int64
             * @description When it was over.
             */
            at: number;
            /** @description Who began it. */
            by: components["schemas"]["PersonId"];
            /** @description The conference. */
            call: string;
            /** @enum {string} */
            kind: "conferred";
            /**
             * Format: int64
             * @description For how long it went on, in milliseconds.
             */
            lasted_ms: number;
            /** @description Under which name. */
            name: string;
            /**
             * Format: int32
             * @description How many people were in it.
             */
            people: number;
            /**
             * Format: int64
             * @description Its place.
             */
            seq: number;
        } | {
            /**
             * Format: int64
             * @description When.
             */
            at: number;
            /** @description Who offers. */
            by: components["schemas"]["PersonId"];
            /**
             * Format: int64
             * @description How many there are.
             */
            count: number;
            /** @description The first of them; none once deleted. */
            files: components["schemas"]["File"][];
            /** @enum {string} */
            kind: "offered";
            /** @description Under which name. */
            name: string;
            /** @description The offer. */
            offer: string;
            /**
             * Format: int64
             * @description Its place.
             */
            seq: number;
            /**
             * Format: int64
             * @description How large they are together, in bytes.
             */
            size: number;
        } | {
            /**
             * Format: int64
             * @description When.
             */
            at: number;
            /** @description Who offered. */
            by: components["schemas"]["PersonId"];
            /** @enum {string} */
            kind: "closed";
            /**
             * Format: int64
             * @description Its place.
             */
            seq: number;
            /**
             * Format: int64
             * @description Which offer: its place.
             */
            target: number;
            /** @description Why. */
            why: components["schemas"]["Closed"];
        };
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
        } | (components["schemas"]["Entered"] & {
            /** @enum {string} */
            type: "entered";
        }) | (components["schemas"]["Resumed"] & {
            /** @enum {string} */
            type: "resumed";
        }) | {
            /** @description What. */
            event: components["schemas"]["Event"];
            /** @description Which room. */
            room: components["schemas"]["RoomId"];
            /** @enum {string} */
            type: "event";
        } | {
            /** @description Of which command. */
            ref: string;
            /** @description In which room. */
            room: components["schemas"]["RoomId"];
            /**
             * Format: int64
             * @description The event it made, when it made one.
             */
            seq?: number | null;
            /** @enum {string} */
            type: "ok";
        } | {
            /** @description Why: a stable code. */
            code: string;
            /** @description Of which command; absent when the frame was not understood. */
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
            /** @description Who is here now. */
            presence: components["schemas"]["Presence"];
            /** @description In which room. */
            room: components["schemas"]["RoomId"];
            /** @enum {string} */
            type: "presence";
        } | {
            /** @description Under which name. */
            name: string;
            /** @description Typing, or stopped. */
            on: boolean;
            /** @description Who. */
            person: components["schemas"]["PersonId"];
            /** @description In which room. */
            room: components["schemas"]["RoomId"];
            /** @enum {string} */
            type: "typing";
        } | {
            /**
             * Format: int64
             * @description Those of them that address this person.
             */
            mentions: number;
            /** @description In which room. */
            room: components["schemas"]["RoomId"];
            /**
             * Format: int64
             * @description Where it stands.
             */
            seq: number;
            /** @enum {string} */
            type: "read";
            /**
             * Format: int64
             * @description Unread messages of others.
             */
            unread: number;
        } | {
            /** @description What one may do now. */
            grants: components["schemas"]["Grants"];
            /** @description What one is now. */
            roles: components["schemas"]["Roles"];
            /** @description In which room. */
            room: components["schemas"]["RoomId"];
            /** @enum {string} */
            type: "grants";
        } | {
            /** @description Of which room. */
            room: components["schemas"]["RoomId"];
            /** @enum {string} */
            type: "roster";
        } | {
            /** @description The new name. */
            name: string;
            /** @description Who. */
            person: components["schemas"]["PersonId"];
            /** @enum {string} */
            type: "renamed";
        } | {
            /** @enum {string} */
            type: "rooms";
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
        /** @description Something that stands in a room's history now. */
        Item: (components["schemas"]["Message"] & {
            /** @enum {string} */
            kind: "message";
        }) | (components["schemas"]["Call"] & {
            /** @enum {string} */
            kind: "call";
        }) | (components["schemas"]["Conference"] & {
            /** @enum {string} */
            kind: "conference";
        }) | (components["schemas"]["Offer"] & {
            /** @enum {string} */
            kind: "offer";
        });
        /** @description What may be sent on a socket. */
        Limits: {
            /** @description Longest message, in characters. */
            body_chars: number;
            /** @description Largest frame, in bytes. */
            frame_bytes: number;
            /** @description Most rooms on one socket. */
            rooms: number;
        };
        /**
         * @description With what a call begins.
         * @enum {string}
         */
        Media: "audio" | "video";
        /** @description A message as it stands now. */
        Message: {
            /**
             * Format: int64
             * @description When it was said.
             */
            at: number;
            /** @description The text; empty once deleted. */
            body: string;
            /** @description By whom. */
            by: components["schemas"]["PersonId"];
            deleted?: components["schemas"]["Deleted"] | null;
            /**
             * Format: int64
             * @description When it was last changed.
             */
            edited_at?: number | null;
            /** @description Everybody is addressed. */
            mention_all?: boolean;
            /** @description The people addressed. */
            mentions?: components["schemas"]["PersonId"][];
            /** @description Under which name. */
            name: string;
            /** @description The client's own mark of it. */
            nonce: string;
            /** @description The reactions that stand. */
            reactions?: components["schemas"]["Reaction"][];
            /**
             * Format: int64
             * @description The message it answers.
             */
            reply_to?: number | null;
            /**
             * Format: int64
             * @description Its place.
             */
            seq: number;
        };
        /** @description A person and the name they are shown by. */
        Named: {
            /** @description The name. */
            name: string;
            /** @description Who. */
            person: components["schemas"]["PersonId"];
        };
        /** @description Files that are or were offered. */
        Offer: {
            /**
             * Format: int64
             * @description When.
             */
            at: number;
            /** @description Who offers. */
            by: components["schemas"]["PersonId"];
            closed?: components["schemas"]["Closing"] | null;
            /**
             * Format: int64
             * @description How many there are.
             */
            count: number;
            deleted?: components["schemas"]["Deleted"] | null;
            /** @description The first of them; none once deleted. */
            files: components["schemas"]["File"][];
            /** @description Under which name. */
            name: string;
            /** @description The offer. */
            offer: string;
            /**
             * Format: int64
             * @description Its place.
             */
            seq: number;
            /**
             * Format: int64
             * @description How large they are together, in bytes.
             */
            size: number;
        };
        /**
         * @description How a call went.
         * @enum {string}
         */
        Outcome: "missed" | "declined" | "ended";
        /** @description A page of history, oldest first. */
        Page: {
            /** @description There is nothing before them. */
            first: boolean;
            /** @description The items. */
            items: components["schemas"]["Item"][];
            /** @description There is nothing after them. */
            last: boolean;
        };
        /**
         * @description A person whom Sympa knows by e-mail address.
         * @example 01ARZ3NDEKTSV4RRFFQ69G5FAV
         */
        PersonId: string;
        /** @description How a person stands in a room they enter. */
        Place: {
            /** @description What they may do. */
            grants: components["schemas"]["Grants"];
            /**
             * Format: int64
             * @description Those of them that address this person.
             */
            mentions: number;
            /** @description Who is here. */
            presence: components["schemas"]["Presence"];
            /**
             * Format: int64
             * @description The read mark.
             */
            read: number;
            /**
             * Format: int64
             * @description Unread messages of others.
             */
            unread: number;
        };
        /** @description Who is in a room now. */
        Presence: {
            /** @description How many people. */
            count: number;
            /** @description Who; absent in big rooms. */
            here?: components["schemas"]["Named"][] | null;
        };
        /** @description One emoji and those who set it, in the order in which they did. */
        Reaction: {
            /** @description By whom. */
            by: components["schemas"]["Reactor"][];
            /** @description With what. */
            emoji: string;
        };
        /** @description Somebody who reacted. */
        Reactor: {
            /** @description Under which name. */
            name: string;
            /** @description Who. */
            person: components["schemas"]["PersonId"];
            /**
             * Format: int64
             * @description The event that set it.
             */
            seq: number;
        };
        /** @description What happened in a room while a client was away. */
        Resumed: components["schemas"]["Place"] & {
            /** @description All after `from`. */
            events: components["schemas"]["Event"][];
            /** @description Of the `enter`. */
            ref: string;
            /** @description Which room. */
            room: components["schemas"]["RoomId"];
            /**
             * Format: int64
             * @description The last event of the room.
             */
            seq: number;
        };
        /**
         * @description What a person is on a list, in Sympa's words.
         * @enum {string}
         */
        Role: "subscriber" | "editor" | "owner" | "privileged_owner" | "listmaster";
        Roles: ("subscriber" | "editor" | "owner" | "privileged_owner" | "listmaster")[];
        /**
         * @description A room: the conversation of one list, or a direct one.
         * @example 01ARZ3NDEKTSV4RRFFQ69G5FAV
         */
        RoomId: string;
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
