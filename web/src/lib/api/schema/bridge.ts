// Made from sympa-bridge/openapi.json by `npm run schema`; not to be changed by hand.
export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * @description The service a token is for. A token is good for exactly one.
         * @enum {string}
         */
        Audience: "chat" | "signal";
        /** @description What an owner chooses. */
        Choice: {
            mode: components["schemas"]["Mode"];
            /** @description Left out: as it is. */
            relay_only?: boolean | null;
            roster: components["schemas"]["Roster"];
        };
        /** @description An e-mail address and a password. */
        Credentials: {
            email: string;
            password: string;
        };
        /** @description Nothing: the cookie says it all. */
        Exchange: Record<string, never>;
        /** @description A ticket. */
        Given: {
            ticket: string;
        };
        /**
         * @description One thing a member may do in a room.
         * @enum {string}
         */
        Grant: "read" | "post" | "mention_all" | "call" | "present" | "send_files" | "moderate" | "manage";
        Grants: ("read" | "post" | "mention_all" | "call" | "present" | "send_files" | "moderate" | "manage")[];
        /** @description The bridge's public keys. */
        KeySet: {
            /** @description The live ones: the one that signs now, and the one that signed before. */
            keys: components["schemas"]["PublicKey"][];
        };
        /**
         * @description A language of the web app.
         * @enum {string}
         */
        Language: "en" | "fr";
        ListAddress: string;
        /** @description Whom a ticket would sign in. */
        Looked: {
            /** @description Their name. */
            name: string;
            room?: components["schemas"]["ListAddress"] | null;
        };
        /** @description A member of a list. */
        Member: {
            /** @description Whether they chose in Sympa to be hidden from plain members. */
            concealed: boolean;
            name: string;
            person: components["schemas"]["PersonId"];
            roles: components["schemas"]["Roles"];
        };
        /** @description A roster. */
        Members: {
            /** @description False when Sympa keeps the list of members from the caller. */
            complete: boolean;
            members: components["schemas"]["Member"][];
        };
        /**
         * @description Who may post in a room.
         * @enum {string}
         */
        Mode: "open" | "announce" | "off";
        /** @description A person and their name. */
        Named: {
            name: string;
            person: components["schemas"]["PersonId"];
        };
        /**
         * @description A person whom Sympa knows by e-mail address.
         * @example 01ARZ3NDEKTSV4RRFFQ69G5FAV
         */
        PersonId: string;
        /** @description A public key as the bridge publishes it (RFC 7517, RFC 8037). */
        PublicKey: {
            /** @description Always `EdDSA`. */
            alg: string;
            /** @description Always `Ed25519`. */
            crv: string;
            /** @description Which key: the first 16 characters of `x`. */
            kid: string;
            /** @description Always `OKP`. */
            kty: string;
            /** @description The key, base64url. */
            x: string;
        };
        /** @description Why there is none. */
        Refused: {
            code: string;
            room: components["schemas"]["RoomId"];
        };
        /** @description Where Sympa is. */
        Robot: {
            robot: string;
            url: string;
        };
        /**
         * @description What a person is on a list, in Sympa's words.
         * @enum {string}
         */
        Role: "subscriber" | "editor" | "owner" | "privileged_owner" | "listmaster";
        Roles: ("subscriber" | "editor" | "owner" | "privileged_owner" | "listmaster")[];
        /** @description A room as one of its members sees it. */
        Room: {
            address?: components["schemas"]["ListAddress"] | null;
            /** @description Whether I block the other; only in a direct room. */
            blocked?: boolean | null;
            /**
             * @description Whether I am hidden from plain members: by my choice in Sympa, or because only owners and editors may see who is on
             *     the list and I am a subscriber.
             */
            concealed: boolean;
            grants: components["schemas"]["Grants"];
            id: components["schemas"]["RoomId"];
            kind: components["schemas"]["RoomKind"];
            mode: components["schemas"]["Mode"];
            /**
             * Format: int64
             * @description Until when I am muted.
             */
            muted_until?: number | null;
            roles: components["schemas"]["Roles"];
            /** @description The list's subject; absent in a direct room. */
            subject?: string | null;
            /** @description The list's page at Sympa. */
            sympa_url?: string | null;
            with?: components["schemas"]["Named"] | null;
        };
        /**
         * @description A room: the conversation of one list, or a direct one.
         * @example 01ARZ3NDEKTSV4RRFFQ69G5FAV
         */
        RoomId: string;
        /**
         * @description What kind of room it is.
         * @enum {string}
         */
        RoomKind: "list" | "direct";
        /** @description All rooms of a person. */
        Rooms: {
            rooms: components["schemas"]["Room"][];
        };
        /**
         * @description Who may see the list of members.
         * @enum {string}
         */
        Roster: "members" | "owners";
        /** @description A sanction in force. */
        Sanction: {
            /** @description The name of who set it. */
            by: string;
            kind: components["schemas"]["SanctionKind"];
            name: string;
            person: components["schemas"]["PersonId"];
            reason: string;
            /**
             * Format: int64
             * @description In milliseconds since 1970.
             */
            until: number;
        };
        /**
         * @description What a moderator can take away.
         * @enum {string}
         */
        SanctionKind: "mute" | "ban";
        /** @description The sanctions of a room. */
        Sanctions: {
            sanctions: components["schemas"]["Sanction"][];
        };
        /** @description Whether and as whom the browser is signed in. */
        Session: components["schemas"]["SignedIn"] | components["schemas"]["SignedOut"];
        /** @description The settings in force. */
        Settings: {
            /** @description Whether they come from Sympa, not from an owner. */
            derived: boolean;
            mode: components["schemas"]["Mode"];
            /** @description Whether calls and files of the room go through relays alone. */
            relay_only: boolean;
            roster: components["schemas"]["Roster"];
        };
        /** @description Signed in. */
        SignedIn: {
            /** @description The name they chose in place of Sympa's. */
            chosen_name?: string | null;
            /** @description `en` or `fr`. */
            language: string;
            /** @description Whether they may enter lists by address. */
            listmaster: boolean;
            /** @description The name others see. */
            name: string;
            person: components["schemas"]["PersonId"];
            /** @description Always true. */
            signed_in: boolean;
        };
        /** @description Not signed in. */
        SignedOut: {
            /** @description Always false. */
            signed_in: boolean;
            /** @description Whether a Sympa cookie came along, so that exchanging it is worth trying. */
            sympa_cookie: boolean;
        };
        /** @description What the web app must know first. */
        Site: {
            bridge: string;
            chat: string;
            /** @description The language of people of whom nothing else is known. */
            language: string;
            sign_in: components["schemas"]["Ways"];
            signal: string;
            /** @description The name of the site. */
            site: string;
            sympa: components["schemas"]["Robot"][];
        };
        /** @description A token. */
        Token: {
            /**
             * Format: int64
             * @description In milliseconds since 1970.
             */
            expires_at: number;
            room: components["schemas"]["RoomId"];
            token: string;
        };
        /** @description What was given and what was refused. */
        Tokens: {
            refused: components["schemas"]["Refused"][];
            tokens: components["schemas"]["Token"][];
        };
        /** @description A sanction to set. */
        Wanted: {
            kind: components["schemas"]["SanctionKind"];
            person: components["schemas"]["PersonId"];
            reason?: string;
            /**
             * Format: int64
             * @description In milliseconds since 1970.
             */
            until: number;
        };
        /** @description The open ways of signing in. */
        Ways: {
            action: boolean;
            cookie: boolean;
            mail: boolean;
            password: boolean;
        };
        /** @description What is to change; what is absent stays. */
        Wish: {
            language?: components["schemas"]["Language"] | null;
            /** @description A name; null takes back the one from Sympa. */
            name?: string | null;
        };
        /** @description With whom. */
        With: {
            person: components["schemas"]["PersonId"];
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
