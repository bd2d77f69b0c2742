/* names.c -- names and sentences for what the public header enumerates. */
#include "mod_mls/mod_mls.h"

#define NUM(table) (sizeof(table) / sizeof(table)[0])

static const char *name_in(const char *const *table, size_t num, unsigned value)
{
    return value < num && table[value] != NULL ? table[value] : "unknown";
}

const char *mod_mls_event_name(mod_mls_event_type_t type)
{
    static const char *const names[] = {
        [MOD_MLS_EVENT_READY] = "ready",
        [MOD_MLS_EVENT_MESSAGE] = "message",
        [MOD_MLS_EVENT_DELIVERED] = "delivered",
        [MOD_MLS_EVENT_UNREADABLE] = "unreadable",
        [MOD_MLS_EVENT_UNENCRYPTED] = "unencrypted",
        [MOD_MLS_EVENT_INVITATION] = "invitation",
        [MOD_MLS_EVENT_JOINED] = "joined",
        [MOD_MLS_EVENT_MEMBER_ADDED] = "member-added",
        [MOD_MLS_EVENT_MEMBER_REMOVED] = "member-removed",
        [MOD_MLS_EVENT_MEMBER_LEFT] = "member-left",
        [MOD_MLS_EVENT_MEMBER_HEARD] = "member-heard",
        [MOD_MLS_EVENT_REMOVED] = "removed",
        [MOD_MLS_EVENT_LEFT] = "left",
        [MOD_MLS_EVENT_EPOCH] = "epoch",
        [MOD_MLS_EVENT_WENT_BACK] = "went-back",
        [MOD_MLS_EVENT_ROOM_VERIFIED] = "room-verified",
        [MOD_MLS_EVENT_ROOM_UNSAFE] = "room-unsafe",
        [MOD_MLS_EVENT_ROOM_CHANGED] = "room-changed",
        [MOD_MLS_EVENT_PROGRESS] = "progress",
        [MOD_MLS_EVENT_NEW_DEVICE] = "new-device",
        [MOD_MLS_EVENT_WARNING] = "warning",
        [MOD_MLS_EVENT_ERROR] = "error",
    };
    return name_in(names, NUM(names), (unsigned)type);
}

const char *mod_mls_unreadable_name(mod_mls_unreadable_t reason)
{
    static const char *const names[] = {
        [MOD_MLS_UNREADABLE_BEFORE_JOINING] = "before-joining",
        [MOD_MLS_UNREADABLE_NOT_MEMBER] = "not-member",
        [MOD_MLS_UNREADABLE_TOO_OLD] = "too-old",
        [MOD_MLS_UNREADABLE_REPLAYED] = "replayed",
        [MOD_MLS_UNREADABLE_BROKEN] = "broken",
        [MOD_MLS_UNREADABLE_SENDER_REMOVED] = "sender-removed",
        [MOD_MLS_UNREADABLE_OTHER_GROUP] = "other-group",
        [MOD_MLS_UNREADABLE_OTHER_ROOM] = "other-room",
        [MOD_MLS_UNREADABLE_CONTENT] = "content",
        [MOD_MLS_UNREADABLE_OUT_OF_STEP] = "out-of-step",
    };
    return name_in(names, NUM(names), (unsigned)reason);
}

const char *mod_mls_room_state_name(mod_mls_room_state_t state)
{
    static const char *const names[] = {
        [MOD_MLS_ROOM_CREATING] = "creating",
        [MOD_MLS_ROOM_INVITED] = "invited",
        [MOD_MLS_ROOM_JOINING] = "joining",
        [MOD_MLS_ROOM_CATCHING_UP] = "catching-up",
        [MOD_MLS_ROOM_READY] = "ready",
        [MOD_MLS_ROOM_UNSAFE] = "unsafe",
        [MOD_MLS_ROOM_OUT_OF_STEP] = "out-of-step",
        [MOD_MLS_ROOM_LEAVING] = "leaving",
        [MOD_MLS_ROOM_LEFT] = "left",
        [MOD_MLS_ROOM_REMOVED] = "removed",
    };
    return name_in(names, NUM(names), (unsigned)state);
}

/* Name and sentence of an error. */
static const struct {
    const char *name, *text;
} errors[] = {
    [MOD_MLS_OK] = { "ok", "All is well." },
    [MOD_MLS_ERROR_NO_PEP] = { "no-pep",
                               "Your server has no personal eventing (PEP), so nobody can invite you." },
    [MOD_MLS_ERROR_PUBLISH] = { "publish", "Your server refused to store this device's public keys." },
    [MOD_MLS_ERROR_NO_ROOM_SERVICE] = { "no-room-service", "The room's server cannot be reached." },
    [MOD_MLS_ERROR_ROOM_FORBIDDEN] = { "room-forbidden", "The room's server does not let you in." },
    [MOD_MLS_ERROR_ROOM_EXISTS] = { "room-exists", "A room of that name exists already and is not yours." },
    [MOD_MLS_ERROR_ROOM_NO_ARCHIVE] = { "room-no-archive", "The room keeps no archive, so there is no order "
                                                           "of messages to rely on." },
    [MOD_MLS_ERROR_ROOM_NO_STANZA_ID] = { "room-no-stanza-id", "The room does not number its messages." },
    [MOD_MLS_ERROR_ROOM_NOT_PRIVATE] = { "room-not-private",
                                         "The room is open to people who are not members." },
    [MOD_MLS_ERROR_ROOM_NOT_PERSISTENT] = { "room-not-persistent",
                                            "The room vanishes when the last occupant leaves." },
    [MOD_MLS_ERROR_ARCHIVE_UNRELIABLE] = { "archive-unreliable",
                                           "The room's archive has lost messages that it had before." },
    [MOD_MLS_ERROR_ARCHIVE_GAP] = { "archive-gap",
                                    "The room's archive does not reach back to what was read last." },
    [MOD_MLS_ERROR_TIMEOUT] = { "timeout", "There was no answer in time." },
    [MOD_MLS_ERROR_NOT_CONNECTED] = { "not-connected", "There is no connection." },
    [MOD_MLS_ERROR_NO_ARCHIVE] = { "no-archive", "Your server keeps no archive of your messages, so an "
                                                 "invitation that comes while you are away may be lost." },
    [MOD_MLS_ERROR_PEP_NOT_PERSISTENT] = { "pep-not-persistent", "Your server may forget your public keys; "
                                                                 "then nobody can invite you." },
    [MOD_MLS_ERROR_PEP_NOT_OPEN] = { "pep-not-open", "Your server shows your public keys to your contacts "
                                                     "only, so nobody else can invite you." },
    [MOD_MLS_ERROR_UNKNOWN_ACCOUNT] = { "unknown-account",
                                        "There is no such account, or its server cannot be reached." },
    [MOD_MLS_ERROR_NO_DEVICES] = { "no-devices", "This account has no device with MLS, or does not exist." },
    [MOD_MLS_ERROR_NO_KEY_PACKAGES] = { "no-key-packages", "There are no usable key packages of this "
                                                           "account; the invitation waits." },
    [MOD_MLS_ERROR_KEY_PACKAGE_INVALID] = { "key-package-invalid", "A key package of this account is forged "
                                                                   "or damaged; it is not used." },
    [MOD_MLS_ERROR_ALREADY_MEMBER] = { "already-member", "This account is in the room already." },
    [MOD_MLS_ERROR_NOT_MEMBER] = { "not-member", "This account is not in the room." },
    [MOD_MLS_ERROR_NOT_ALLOWED] = { "not-allowed", "The room does not give you the right to do that." },
    [MOD_MLS_ERROR_LAST_ADMIN] = { "last-admin", "The room would be left without an admin." },
    [MOD_MLS_ERROR_STANZA_BROKEN] = { "stanza-broken",
                                      "A stanza was not well-formed, or beyond all bounds." },
    [MOD_MLS_ERROR_MESSAGE_BROKEN] = { "message-broken", "A stanza did not hold a whole MLS message." },
    [MOD_MLS_ERROR_WELCOME_NOT_FOR_US] = { "welcome-not-for-us",
                                           "An invitation was made for another device." },
    [MOD_MLS_ERROR_WELCOME_UNUSABLE] = { "welcome-unusable", "An invitation is damaged or not valid." },
    [MOD_MLS_ERROR_WELCOME_WRONG_ROOM] = { "welcome-wrong-room",
                                           "An invitation names a room that is not its own." },
    [MOD_MLS_ERROR_WELCOME_KNOWN_GROUP] = { "welcome-known-group", "An invitation to a room that you are in "
                                                                   "already was put aside." },
    [MOD_MLS_ERROR_WELCOME_NO_COMMIT] = { "welcome-no-commit",
                                          "The room does not know of this invitation; it is not valid." },
    [MOD_MLS_ERROR_COMMIT_VOID] = { "commit-void", "An invalid change of the group was ignored." },
    [MOD_MLS_ERROR_COMMIT_NOT_ALLOWED] = { "commit-not-allowed", "A change of the group that its author may "
                                                                 "not make was ignored." },
    [MOD_MLS_ERROR_LEAF_BINDING] = { "leaf-binding",
                                     "A change of the group was ignored: a device in it is not proven." },
    [MOD_MLS_ERROR_NOT_IN_ORDER] = { "not-in-order", "A change of the group that the room's archive does not "
                                                     "have was ignored." },
    [MOD_MLS_ERROR_OUT_OF_STEP] = { "out-of-step", "This device cannot follow the group any more and has to "
                                                   "be invited again." },
    [MOD_MLS_ERROR_FORK] = { "fork",
                             "The room's archive contradicts what was settled. Compare the room's code." },
    [MOD_MLS_ERROR_OTHER_BRANCH] = { "other-branch", "Someone may see another history, or disturbs. Compare "
                                                     "the room's code." },
    [MOD_MLS_ERROR_STATE_COPY] = { "state-copy", "Another copy of this device's data seems to be in use." },
    [MOD_MLS_ERROR_LOCKED] = { "locked", "Another program is using this account's data." },
    [MOD_MLS_ERROR_STORE] = { "store", "This account's data cannot be read or written." },
    [MOD_MLS_ERROR_NO_SUCH_ROOM] = { "no-such-room", "There is no such room." },
    [MOD_MLS_ERROR_NOT_READY] = { "not-ready", "The room is still being joined." },
    [MOD_MLS_ERROR_NOT_IN_GROUP] = { "not-in-group", "You were removed from this room." },
    [MOD_MLS_ERROR_HAS_LEFT] = { "has-left", "You have left this room." },
    [MOD_MLS_ERROR_TOO_LONG] = { "too-long", "This is longer than can be sent." },
    [MOD_MLS_ERROR_BAD_JID] = { "bad-jid", "This is not an address." },
    [MOD_MLS_ERROR_BUSY] = { "busy", "Too much is under way; try again in a moment." },
    [MOD_MLS_ERROR_WOULD_BE_CLEAR_TEXT] = { "would-be-clear-text", "This account can be written to with "
                                                                   "encryption; nothing was sent." },
    [MOD_MLS_ERROR_NO_INVITATION] = { "no-invitation", "There is no such invitation." },
    [MOD_MLS_ERROR_INTERNAL] = { "internal", "Something went wrong that should not." },
};

const char *mod_mls_error_name(mod_mls_error_t code)
{
    return (unsigned)code < NUM(errors) && errors[code].name != NULL ? errors[code].name : "unknown";
}

const char *mod_mls_error_text(mod_mls_error_t code)
{
    return (unsigned)code < NUM(errors) && errors[code].text != NULL ? errors[code].text
                                                                     : "Something unknown went wrong.";
}
