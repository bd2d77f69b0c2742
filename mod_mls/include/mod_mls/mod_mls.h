/* mod_mls.h -- Messaging Layer Security (RFC 9420) for XMPP chat clients.
 *
 * One mod_mls_t is one device of one account. It knows no connection and no user interface: a host, which is
 * a chat client or a plugin of one, hands it every stanza that comes in and every text that its user wants to
 * send, and gives it a table of functions to send stanzas, join rooms, tell the time and show events.
 *
 *     host                                   mod_mls
 *     mod_mls_open(config)               ->  opens and locks the account's database
 *     mod_mls_connected("a@x.example/r") ->  publishes keys, joins rooms, catches up
 *     mod_mls_stanza_in(stanza)          ->  PASS: not ours; CONSUME: dealt with; REPLACE: show this instead
 *     mod_mls_text_out(room, text)       ->  NOT_MINE: send it as ever; SENT; REFUSED: it must not be sent
 *     mod_mls_wake()                     <-  host.wake_at(time)
 *
 * Everything is synchronous and on one thread. The functions of the host table are called only while a
 * function of this header runs, and after all that it changed is on the disk; they must not call back into
 * the same mod_mls_t. Strings are UTF-8 and end with a zero byte. JIDs are bare unless said otherwise,
 * prepared by their maker (RFC 7622), and compared byte for byte. Times are milliseconds since
 * 1970-01-01T00:00:00Z.
 *
 * Commands begin something that takes stanzas to and fro. Their status says whether they were begun; how they
 * go on and end is told by events. Whatever fails, at once or later, is told by a MOD_MLS_EVENT_ERROR with a
 * typed code and a sentence for the user, so a host may ignore the status of a command and show events only.
 *
 * Statuses that any command may answer: MLS_ERR_ARGUMENT (not a bare JID, text too long), MLS_ERR_NOT_FOUND
 * (no such room), MLS_ERR_STATE (not now), MLS_ERR_STORE, MLS_ERR_NOMEM, MLS_ERR_CRYPTO. */
#ifndef MOD_MLS_MOD_MLS_H
#define MOD_MLS_MOD_MLS_H

#include <mls/crypto.h>
#include <mls/status.h>

#include <stddef.h>
#include <stdint.h>

/* The namespace of the protocol. */
#define MOD_MLS_NAMESPACE "urn:xmpp:mls:0"
/* To be announced in the host's disco#info and caps, beside MOD_MLS_NAMESPACE. */
#define MOD_MLS_NAMESPACE_DEVICES_NOTIFY "urn:xmpp:mls:0:devices+notify"

/* Longest text of one message, in bytes. */
#define MOD_MLS_MAX_TEXT 60000

/* One device of one account. */
typedef struct mod_mls mod_mls_t;

/* ---- events -------------------------------------------------------------------------------------- */

/* What has happened, and which member of mod_mls_event_t.u tells of it. */
typedef enum mod_mls_event_type {
    MOD_MLS_EVENT_READY = 1,      /* the device and its key packages are published */
    MOD_MLS_EVENT_MESSAGE,        /* u.message: show it */
    MOD_MLS_EVENT_DELIVERED,      /* u.message, own: the room's archive has it */
    MOD_MLS_EVENT_UNREADABLE,     /* u.unreadable: a placeholder to show instead of a message */
    MOD_MLS_EVENT_UNENCRYPTED,    /* u.message: came without MLS into a room with MLS; sender unproven */
    MOD_MLS_EVENT_INVITATION,     /* u.invitation: accept or decline it */
    MOD_MLS_EVENT_JOINED,         /* u.epoch: this device is in the room's group, and up to date */
    MOD_MLS_EVENT_MEMBER_ADDED,   /* u.member */
    MOD_MLS_EVENT_MEMBER_REMOVED, /* u.member, removed by u.member.by */
    MOD_MLS_EVENT_MEMBER_LEFT,    /* u.member, at its own wish */
    MOD_MLS_EVENT_MEMBER_HEARD,   /* u.member: until now it had not joined yet; it has now */
    MOD_MLS_EVENT_REMOVED,        /* u.member: this device was removed, by u.member.by */
    MOD_MLS_EVENT_LEFT,           /* this device has left, at the user's wish; its keys are destroyed */
    MOD_MLS_EVENT_EPOCH,          /* u.epoch: a new epoch began */
    MOD_MLS_EVENT_WENT_BACK,      /* u.epoch: the archive has another order; this epoch is current again */
    MOD_MLS_EVENT_ROOM_VERIFIED,  /* the room is configured as it must be */
    MOD_MLS_EVENT_ROOM_UNSAFE,    /* u.error: it is not, and why */
    MOD_MLS_EVENT_ROOM_CHANGED,   /* name, policy or admins of the room changed; u.member.by did it */
    MOD_MLS_EVENT_PROGRESS,       /* u.progress */
    MOD_MLS_EVENT_NEW_DEVICE,     /* u.device: an account has a device that was not seen before */
    MOD_MLS_EVENT_WARNING,        /* u.error: the user should know; nothing has stopped */
    MOD_MLS_EVENT_ERROR           /* u.error: something the user asked for, or a stanza, failed */
} mod_mls_event_type_t;

/* The flags of a message. */
enum {
    MOD_MLS_MESSAGE_OWN = 1,          /* written on this device */
    MOD_MLS_MESSAGE_SENDING = 2,      /* own, and not in the archive yet: MOD_MLS_EVENT_DELIVERED follows */
    MOD_MLS_MESSAGE_FROM_ARCHIVE = 4, /* read in the room's archive, not live */
    MOD_MLS_MESSAGE_LATE = 8          /* of an epoch that had ended where the message stands */
};

/* A message to show. */
typedef struct mod_mls_message {
    const char *account;   /* author, proven by its credential; UNENCRYPTED: NULL */
    const char *device_id; /* 32 hex digits; UNENCRYPTED: NULL */
    const char *nick;      /* UNENCRYPTED: what the room says about the sender; else NULL */
    const char *text;      /* DELIVERED: NULL where the text is not kept any more */
    const char *origin_id; /* names the message for ever; UNENCRYPTED: "" */
    const char *stanza_id; /* the room's, "" where it has none yet */
    uint64_t sent_at;      /* the author's claim; 0: none */
    uint64_t received_at;  /* when the room got it, as far as the archive says; else now */
    uint64_t epoch;
    unsigned flags; /* MOD_MLS_MESSAGE_… */
} mod_mls_message_t;

/* Why a message cannot be read, or is not shown. */
typedef enum mod_mls_unreadable {
    MOD_MLS_UNREADABLE_BEFORE_JOINING = 1, /* sent before this device was added */
    MOD_MLS_UNREADABLE_NOT_MEMBER,         /* sent after this device left or was removed */
    MOD_MLS_UNREADABLE_TOO_OLD,            /* of an epoch whose keys are destroyed already */
    MOD_MLS_UNREADABLE_REPLAYED,           /* its key was used: the same message again. May be left unshown */
    MOD_MLS_UNREADABLE_BROKEN,             /* not an MLS message, or not as it was sent */
    MOD_MLS_UNREADABLE_SENDER_REMOVED,     /* sent by a member after it was removed */
    MOD_MLS_UNREADABLE_OTHER_GROUP,        /* of another MLS group in the same room */
    MOD_MLS_UNREADABLE_OTHER_ROOM,         /* made for another room: somebody carried it over */
    MOD_MLS_UNREADABLE_CONTENT,            /* decrypted, but not a content this version can show */
    MOD_MLS_UNREADABLE_OUT_OF_STEP         /* this device cannot follow the group's latest Commit */
} mod_mls_unreadable_t;

/* A message that cannot be read, or is not shown. */
typedef struct mod_mls_unreadable_info {
    mod_mls_unreadable_t reason;
    const char *text;      /* a sentence for the user */
    const char *account;   /* the sender if it is proven, else NULL */
    const char *stanza_id; /* "" where there is none */
    uint64_t epoch;        /* as the message claims; 0 if it is none */
    uint64_t received_at;
} mod_mls_unreadable_info_t;

/* An invitation into a room. */
typedef struct mod_mls_invitation {
    const char *inviter; /* account of the leaf that signed the Welcome */
    const char *from;    /* bare JID the Welcome's stanza came from, as the server says */
    const char *name;    /* of the room, chosen by its admins; may be "" */
    uint64_t received_at;
} mod_mls_invitation_t;

/* What has become of a member. */
typedef struct mod_mls_member_info {
    const char *account;
    const char *device_id; /* 32 hex digits */
    const char *by;        /* account that did it, or NULL */
    uint64_t epoch;        /* from which on */
} mod_mls_member_info_t;

/* An epoch of a room's group. Whoever has the same code is in the same conversation. */
typedef struct mod_mls_epoch_info {
    uint64_t epoch;
    const char *authenticator; /* hex of the epoch authenticator (RFC 9420, Section 8.7) */
    const char *code;          /* the same to compare aloud: 12 groups of 3 digits */
    size_t num_members;        /* devices */
} mod_mls_epoch_info_t;

/* How far something that takes long has come. */
typedef struct mod_mls_progress {
    const char *what; /* "reading the archive", "publishing key packages", … */
    uint64_t done;    /* steps; equal to total when it is over */
    uint64_t total;   /* 0: unknown */
} mod_mls_progress_t;

/* A device of an account. */
typedef struct mod_mls_device {
    const char *account;
    const char *device_id;   /* 32 hex digits */
    const char *fingerprint; /* 8 groups of 8 hex digits */
    const char *label;       /* the device's claim; show it escaped; may be "" */
    uint64_t created;        /* the device's claim */
    bool is_own;
    bool is_verified; /* endorsed, directly or not, by a device that this user has compared */
} mod_mls_device_t;

/* What is wrong. Below 32: the server or the room lacks something. From 32 on: other people's accounts and
 * devices. From 64 on: what came in. From 96 on: this device. */
typedef enum mod_mls_error {
    MOD_MLS_OK = 0,

    MOD_MLS_ERROR_NO_PEP = 1,          /* the account's server has no PEP: nothing can be published */
    MOD_MLS_ERROR_PUBLISH,             /* it has, but refused to take the keys */
    MOD_MLS_ERROR_NO_ROOM_SERVICE,     /* the room's service is not there or does not answer */
    MOD_MLS_ERROR_ROOM_FORBIDDEN,      /* the service does not let this account in, or create the room */
    MOD_MLS_ERROR_ROOM_EXISTS,         /* the room to create exists already, and is not ours to configure */
    MOD_MLS_ERROR_ROOM_NO_ARCHIVE,     /* the room has no archive (XEP-0313): there is no order to rely on */
    MOD_MLS_ERROR_ROOM_NO_STANZA_ID,   /* it gives no stanza ids (XEP-0359) */
    MOD_MLS_ERROR_ROOM_NOT_PRIVATE,    /* it is not members-only */
    MOD_MLS_ERROR_ROOM_NOT_PERSISTENT, /* it vanishes when the last occupant leaves */
    MOD_MLS_ERROR_ARCHIVE_UNRELIABLE,  /* what the archive had is gone from it */
    MOD_MLS_ERROR_ARCHIVE_GAP,         /* the archive begins after the last that was read */
    MOD_MLS_ERROR_TIMEOUT,             /* no answer within the time set */
    MOD_MLS_ERROR_NOT_CONNECTED,
    MOD_MLS_ERROR_NO_ARCHIVE,         /* the account has none: an invitation may be lost on its way */
    MOD_MLS_ERROR_PEP_NOT_PERSISTENT, /* PEP keeps no items: keys are gone when the server starts anew */
    MOD_MLS_ERROR_PEP_NOT_OPEN,       /* PEP has no open access: strangers cannot read the keys */

    MOD_MLS_ERROR_UNKNOWN_ACCOUNT = 32, /* no such account, or its server cannot be reached */
    MOD_MLS_ERROR_NO_DEVICES,           /* the account has published no MLS device */
    MOD_MLS_ERROR_NO_KEY_PACKAGES, /* its device has no usable KeyPackage; tried again from time to time */
    MOD_MLS_ERROR_KEY_PACKAGE_INVALID, /* a KeyPackage with a wrong signature, owner, device or lifetime */
    MOD_MLS_ERROR_ALREADY_MEMBER,
    MOD_MLS_ERROR_NOT_MEMBER,
    MOD_MLS_ERROR_NOT_ALLOWED, /* the room's policy does not give this account the right */
    MOD_MLS_ERROR_LAST_ADMIN,  /* it would leave the room without an admin */

    MOD_MLS_ERROR_STANZA_BROKEN = 64,  /* not well-formed XML, or beyond the bounds */
    MOD_MLS_ERROR_MESSAGE_BROKEN,      /* not base64 of exactly one MLSMessage */
    MOD_MLS_ERROR_WELCOME_NOT_FOR_US,  /* a Welcome for a KeyPackage that is not this device's */
    MOD_MLS_ERROR_WELCOME_UNUSABLE,    /* for this device, but it cannot be opened or is not valid */
    MOD_MLS_ERROR_WELCOME_WRONG_ROOM,  /* the group is another room's */
    MOD_MLS_ERROR_WELCOME_KNOWN_GROUP, /* the room or the group is already held */
    MOD_MLS_ERROR_WELCOME_NO_COMMIT,   /* the archive does not have the Commit that the Welcome is about */
    MOD_MLS_ERROR_COMMIT_VOID,         /* a Commit that changes nothing: invalid for every member */
    MOD_MLS_ERROR_COMMIT_NOT_ALLOWED,  /* void, because its author may not do what it does */
    MOD_MLS_ERROR_LEAF_BINDING,        /* a leaf without, or with a wrong, device signature */
    MOD_MLS_ERROR_NOT_IN_ORDER,        /* a handshake without the room's stanza id, or not in the archive */
    MOD_MLS_ERROR_OUT_OF_STEP,         /* a Commit that others may follow and this device cannot */
    MOD_MLS_ERROR_FORK,                /* the archive disagrees with what was settled */
    MOD_MLS_ERROR_OTHER_BRANCH,        /* messages name another history: compare the room's code */
    MOD_MLS_ERROR_STATE_COPY,          /* messages of this very device that it has not sent: an old copy */

    MOD_MLS_ERROR_LOCKED = 96, /* another process has this account's database open */
    MOD_MLS_ERROR_STORE,       /* the database cannot be read or written, or is of a later version */
    MOD_MLS_ERROR_NO_SUCH_ROOM,
    MOD_MLS_ERROR_NOT_READY,    /* the room is still being made or joined */
    MOD_MLS_ERROR_NOT_IN_GROUP, /* this device was removed */
    MOD_MLS_ERROR_HAS_LEFT,     /* it has left, or is on its way out */
    MOD_MLS_ERROR_TOO_LONG,     /* the text, or a Commit, is longer than can be sent */
    MOD_MLS_ERROR_BAD_JID,
    MOD_MLS_ERROR_BUSY,                /* too many Commits are unsettled, or a queue is full: wait */
    MOD_MLS_ERROR_WOULD_BE_CLEAR_TEXT, /* the account has MLS: clear text needs an explicit act */
    MOD_MLS_ERROR_NO_INVITATION,       /* there is none to accept, to decline or to cancel */
    MOD_MLS_ERROR_INTERNAL
} mod_mls_error_t;

/* Something that went wrong. */
typedef struct mod_mls_error_info {
    mod_mls_error_t code;
    mls_status_t status; /* the cause below, or MLS_OK */
    const char *account; /* whom it is about, or NULL */
    const char *text;    /* a sentence for the user */
} mod_mls_error_info_t;

/* Views inside an event end when the callback returns. */
typedef struct mod_mls_event {
    mod_mls_event_type_t type;
    const char *room; /* NULL: not about a room */
    union {
        mod_mls_message_t message;
        mod_mls_unreadable_info_t unreadable;
        mod_mls_invitation_t invitation;
        mod_mls_member_info_t member;
        mod_mls_epoch_info_t epoch;
        mod_mls_progress_t progress;
        mod_mls_device_t device;
        mod_mls_error_info_t error;
    } u;
} mod_mls_event_t;

/* A stable name in lower-case ASCII for programs, like "member-added". Never NULL; static storage. */
MLS_API const char *mod_mls_event_name(mod_mls_event_type_t type);
/* The same for an error, like "no-key-packages". */
MLS_API const char *mod_mls_error_name(mod_mls_error_t code);
/* The same for a reason, like "replayed". */
MLS_API const char *mod_mls_unreadable_name(mod_mls_unreadable_t reason);
/* One plain English sentence, without names of rooms or people. Never NULL; static storage. */
MLS_API const char *mod_mls_error_text(mod_mls_error_t code);

/* ---- the host ------------------------------------------------------------------------------------ */

/* How much a line of the log matters. */
typedef enum mod_mls_log_level {
    MOD_MLS_LOG_DEBUG,
    MOD_MLS_LOG_INFO,
    MOD_MLS_LOG_WARNING
} mod_mls_log_level_t;

/* What the host does for mod_mls. */
typedef struct mod_mls_host {
    void *arg; /* handed to the functions below */
    /* Sends exactly one stanza, `len` bytes of XML that end with a zero byte. Needs no answer: what is lost
     * is sent again. */
    void (*send)(void *arg, const char *stanza, size_t len);
    /* Enters a MUC room with <history maxstanzas='0'/>, as `nick`. The answering presence comes in by
     * mod_mls_stanza_in() like every stanza. May be called again with another nick after a conflict. */
    void (*join_room)(void *arg, const char *room, const char *nick);
    void (*leave_room)(void *arg, const char *room, const char *nick);
    /* Asks for mod_mls_wake() at that time or soon after; takes the place of the time asked for before. */
    void (*wake_at)(void *arg, uint64_t unix_ms);
    /* The time. It may jump; nothing that members must agree on depends on it. */
    uint64_t (*now)(void *arg);
    /* Fills `out` with bytes nobody can predict; false: none to be had. NULL: the operating system's. */
    bool (*random)(void *arg, uint8_t *out, size_t len);
    /* Threads that share what takes long in large rooms, while a function of mod_mls runs: joining, adding
     * many, Commits with long paths. All zero: none. Only libmls' work is handed to them (mls/crypto.h), and
     * none of the other functions here; no function of mod_mls may be called for this account meanwhile. */
    mls_workers_t workers;
    /* For developers; no secret and no text of a message is among it. May be NULL. */
    void (*log)(void *arg, mod_mls_log_level_t level, const char *text);
    void (*event)(void *arg, const mod_mls_event_t *event);
} mod_mls_host_t;

/* Times and numbers that tests shorten and hosts may tune. */
typedef struct mod_mls_settings {
    uint64_t settle_ms;            /* between the reads that apply and that settle a Commit; 10 s */
    uint64_t second_look_ms;       /* until the archive is asked again for a Commit it does not have; 5 s */
    uint64_t read_jitter_ms;       /* reads for Commits of others wait up to this long; 2 s */
    uint64_t backoff_unit_ms;      /* the 2 s of the back-off for Commits that anybody may make */
    uint64_t join_commit_delay_ms; /* a joiner's first Commit comes within this time; 24 h */
    uint64_t update_ms;            /* an empty Commit at least this often; 30 days */
    uint64_t iq_timeout_ms;        /* 120 s */
    uint64_t retry_ms;             /* until something that failed is tried again; 60 s */
    uint64_t keep_text_ms;         /* texts already shown are kept this long, for REPLACE; 0: wiped at once */
    uint32_t path_limit; /* nobody is added while an empty Commit by a member, with those added, could hold
                            more ciphertexts; 400, 0: no limit */
    uint32_t path_blank; /* a device below a blank node that stands for more ciphertexts than these
                            commits soon; 64 */
    unsigned num_key_packages; /* published per cipher suite, beside the last resort; 1 to 20; 10 */
    bool keep_membership;      /* true: whom a Commit removes stays on the MUC's member list */
    bool replace;              /* true: live messages are answered with REPLACE instead of an event */
} mod_mls_settings_t;

/* The values above. */
MLS_API mod_mls_settings_t mod_mls_settings_default(void);

/* What mod_mls_open() is to open, and for whom. */
typedef struct mod_mls_config {
    const char *account;      /* bare JID */
    const char *path;         /* of the database file; its folder exists and is the user's alone */
    const char *device_label; /* shown to others, at most 64 bytes; may be NULL. Used when first opened */
    const char *nick;         /* in rooms; NULL: the local part of the account */
    mod_mls_settings_t settings;
    mod_mls_host_t host;
} mod_mls_config_t;

/* ---- life ---------------------------------------------------------------------------------------- */

/* Opens the database, makes it and the device key where there is none, and locks it against every other
 * process. All strings of `config` are copied. `*error` (may be NULL) says more than the status: LOCKED,
 * STORE, BAD_JID, INTERNAL; on failure no event is sent.
 * MLS_ERR_STATE: another process has it open. MLS_ERR_STORE: cannot be read or written, damaged, of a later
 * version, or of another account. MLS_ERR_ARGUMENT, MLS_ERR_NOMEM, MLS_ERR_CRYPTO. */
MLS_API MLS_MUST_USE mls_status_t mod_mls_open(mod_mls_t **out, mod_mls_error_t *error,
                                               const mod_mls_config_t *config);

/* Wipes, unlocks and frees. Nothing is lost: what waits goes on at the next mod_mls_open(). NULL is fine. */
MLS_API void mod_mls_close(mod_mls_t *mls);

/* The stream is up, the initial presence is sent, and the server bound `full_jid` (its bare part must be the
 * account). Publishes what has to be published and enters the rooms. MLS_ERR_ARGUMENT, MLS_ERR_STORE. */
MLS_API MLS_MUST_USE mls_status_t mod_mls_connected(mod_mls_t *mls, const char *full_jid);

/* The stream is gone; whatever waited for an answer begins anew at the next mod_mls_connected(). */
MLS_API void mod_mls_disconnected(mod_mls_t *mls);

/* The time asked for by host.wake_at has come. Harmless at any other time. */
MLS_API void mod_mls_wake(mod_mls_t *mls);

/* ---- stanzas in, text out ------------------------------------------------------------------------ */

/* What becomes of a stanza. */
typedef enum mod_mls_answer {
    MOD_MLS_PASS,    /* not for mod_mls: the host goes on with the stanza */
    MOD_MLS_CONSUME, /* dealt with: the host drops it. Events have told what it meant, if anything */
    MOD_MLS_REPLACE  /* the host shows *message in its place; only where settings.replace is set */
} mod_mls_answer_t;

/* Takes a stanza, `len` bytes of XML, as serialised by the host's library; every <message/>, <presence/> and
 * <iq/> that comes in. `*message` (may be NULL, if settings.replace is not set) is set with REPLACE, and ends
 * with the next call. Never fails: what is wrong with a stanza is told by an event. */
MLS_API mod_mls_answer_t mod_mls_stanza_in(mod_mls_t *mls, const mod_mls_message_t **message,
                                           const char *stanza, size_t len);

/* What becomes of a text. */
typedef enum mod_mls_sending {
    MOD_MLS_NOT_MINE, /* no MLS here and never was: the host sends it as ever */
    MOD_MLS_SENT,   /* stored, and sent as soon as may be; shown by MESSAGE (own, sending), then DELIVERED */
    MOD_MLS_REFUSED /* must not be sent, least of all in the clear; `*error` says why */
} mod_mls_sending_t;

/* Takes a text that the user wrote to `to`: a room, or an account. A room that ever had MLS is never answered
 * with NOT_MINE again, and an account that is known to have MLS devices is refused with
 * WOULD_BE_CLEAR_TEXT. `*error` (may be NULL) is MOD_MLS_OK unless REFUSED. */
MLS_API MLS_MUST_USE mod_mls_sending_t mod_mls_text_out(mod_mls_t *mls, mod_mls_error_t *error,
                                                        const char *to, const char *text);

/* ---- rooms --------------------------------------------------------------------------------------- */

/* Whom a room's policy allows something. */
typedef enum mod_mls_who { MOD_MLS_EVERYBODY = 1, MOD_MLS_ADMINS = 2 } mod_mls_who_t;

/* How a room is made. All zero is good. */
typedef struct mod_mls_room_options {
    const char *name;         /* at most 256 bytes; encrypted, not the MUC's; may be NULL */
    uint16_t cipher_suite;    /* 0: the preferred one */
    mod_mls_who_t may_add;    /* 0: admins, which at first is the creator's account alone */
    mod_mls_who_t may_remove; /* 0: admins */
    mod_mls_who_t may_change; /* 0: admins */
} mod_mls_room_options_t;

/* Creates the MUC room, configures and verifies it, and makes its group. Ends with ROOM_VERIFIED and JOINED,
 * or with ERROR. `options` may be NULL. MLS_ERR_STATE: the room has a group already, or had one. */
MLS_API MLS_MUST_USE mls_status_t mod_mls_room_create(mod_mls_t *mls, const char *room,
                                                      const mod_mls_room_options_t *options);

/* Adds the devices of `account`, which may be offline: EPOCH and MEMBER_ADDED follow, and a Welcome goes to
 * the account. Without KeyPackages the wish stays and is tried again; mod_mls_room_cancel() ends it. */
MLS_API MLS_MUST_USE mls_status_t mod_mls_room_invite(mod_mls_t *mls, const char *room, const char *account);
/* Gives up an invitation that is not done yet. MLS_ERR_NOT_FOUND: there is none. */
MLS_API MLS_MUST_USE mls_status_t mod_mls_room_cancel(mod_mls_t *mls, const char *room, const char *account);

/* Accepts the invitation into `room`: JOINED follows. MLS_ERR_NOT_FOUND: there is none. */
MLS_API MLS_MUST_USE mls_status_t mod_mls_room_accept(mod_mls_t *mls, const char *room);
/* Drops it. The account stays in the group, and is shown there as not joined yet, until it is removed. */
MLS_API MLS_MUST_USE mls_status_t mod_mls_room_decline(mod_mls_t *mls, const char *room);

/* Removes all devices of `account`: EPOCH and MEMBER_REMOVED follow. */
MLS_API MLS_MUST_USE mls_status_t mod_mls_room_remove(mod_mls_t *mls, const char *room, const char *account);

/* Leaves. Nothing can be sent from now on; LEFT follows when another member has committed it. In a room
 * with no other member it is done at once. MLS_ERR_STATE with ERROR_LAST_ADMIN. */
MLS_API MLS_MUST_USE mls_status_t mod_mls_room_leave(mod_mls_t *mls, const char *room);

/* Forgets a room that was left or that removed this device; it still never sends clear text. */
MLS_API MLS_MUST_USE mls_status_t mod_mls_room_forget(mod_mls_t *mls, const char *room);

/* Makes an empty Commit, which renews this device's keys in the room. */
MLS_API MLS_MUST_USE mls_status_t mod_mls_room_update(mod_mls_t *mls, const char *room);

/* ---- looking ------------------------------------------------------------------------------------- */

/* How far this device is in a room. */
typedef enum mod_mls_room_state {
    MOD_MLS_ROOM_CREATING = 1, /* being made and configured */
    MOD_MLS_ROOM_INVITED,      /* waits for accept or decline */
    MOD_MLS_ROOM_JOINING,      /* accepted, not in the group yet */
    MOD_MLS_ROOM_CATCHING_UP,  /* in the group; offline, or reading the archive */
    MOD_MLS_ROOM_READY,        /* in the group and up to date */
    MOD_MLS_ROOM_UNSAFE,       /* in the group, but the room is not as it must be: nothing is sent */
    MOD_MLS_ROOM_OUT_OF_STEP,  /* cannot follow the group */
    MOD_MLS_ROOM_LEAVING,
    MOD_MLS_ROOM_LEFT,
    MOD_MLS_ROOM_REMOVED
} mod_mls_room_state_t;

/* A stable name in lower-case ASCII, like "catching-up". Static storage. */
MLS_API const char *mod_mls_room_state_name(mod_mls_room_state_t state);

/* A room, to look at. */
typedef struct mod_mls_room_info {
    const char *room;
    const char *name; /* from the group's policy; may be "" */
    mod_mls_room_state_t state;
    uint16_t cipher_suite; /* 0: no group yet */
    uint64_t epoch;
    bool is_settled;     /* the epoch cannot be gone back on any more */
    size_t num_members;  /* devices */
    size_t num_outgoing; /* own messages not in the archive yet */
    bool is_admin;       /* the own account */
    const char *inviter; /* INVITED: who; else NULL */
} mod_mls_room_info_t;

/* Calls `visit` for every room, in the order of their JIDs. Views end with the call. */
MLS_API void mod_mls_rooms(mod_mls_t *mls, void (*visit)(void *arg, const mod_mls_room_info_t *room),
                           void *arg);

/* A leaf of a room's group: a device. Views end with the call. */
typedef struct mod_mls_member {
    const char *account;
    const char *device_id;
    uint32_t leaf_index;
    bool is_own;      /* this device */
    bool is_admin;    /* the account */
    bool has_joined;  /* false: was added, but nothing was heard from it yet */
    uint64_t updated; /* when the device last renewed its keys, by its own clock */
} mod_mls_member_t;

/* Calls `visit` for every leaf of the room's group, by leaf index. MLS_ERR_NOT_FOUND. */
MLS_API MLS_MUST_USE mls_status_t mod_mls_room_members(
    mod_mls_t *mls, const char *room, void (*visit)(void *arg, const mod_mls_member_t *member), void *arg);

/* Calls `visit` for every device of an account that is known, from its published list or from rooms.
 * MLS_ERR_NOT_FOUND: none is. */
MLS_API MLS_MUST_USE mls_status_t mod_mls_devices(mod_mls_t *mls, const char *account,
                                                  void (*visit)(void *arg, const mod_mls_device_t *device),
                                                  void *arg);

/* This device: id, fingerprint, label. Views end with the next call. */
MLS_API void mod_mls_own_device(mod_mls_t *mls, mod_mls_device_t *out);

/* Says that the user has compared the fingerprint of a device (or takes that back). MLS_ERR_NOT_FOUND. */
MLS_API MLS_MUST_USE mls_status_t mod_mls_device_verify(mod_mls_t *mls, const char *account,
                                                        const char *device_id, bool verified);

/* The epoch of the room's group, its authenticator and code. Views end with the next call.
 * MLS_ERR_NOT_FOUND: no such room, or it has no group now. */
MLS_API MLS_MUST_USE mls_status_t mod_mls_room_epoch(mod_mls_t *mls, mod_mls_epoch_info_t *out,
                                                     const char *room);

#endif
