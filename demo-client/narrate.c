#define _XOPEN_SOURCE 700

#include "narrate.h"

#include "names.h"

#include <string.h>
#include <time.h>

/* What every sentence here needs. */
typedef struct narrator {
    chat_output_t *output;
    const mod_mls_event_t *event;
    const char *account; /* the user's own */
    const char *room;    /* short; "" where the event is about none */
    chat_name_t room_name;
} narrator_t;

static const char *lock_sign(const chat_output_t *output)
{
    return output->has_utf8 ? "\xF0\x9F\x94\x92" : "[mls]"; /* U+1F512 */
}

static void narrate_message(narrator_t *narrator)
{
    const mod_mls_message_t *message = &narrator->event->u.message;
    bool is_own = (message->flags & MOD_MLS_MESSAGE_OWN) != 0;
    char when[24] = "";
    chat_name_t buffer;
    time_t seconds = (time_t)(message->received_at / 1000);
    struct tm local;

    if ((message->flags & MOD_MLS_MESSAGE_FROM_ARCHIVE) != 0 && localtime_r(&seconds, &local) != NULL)
        strftime(when, sizeof when, "(%d %b %H:%M) ", &local);
    chat_output_say(narrator->output, is_own ? CHAT_TONE_OWN : CHAT_TONE_MESSAGE, "%s %s %s%s: %s",
                    lock_sign(narrator->output), narrator->room, when,
                    is_own ? "you" : chat_name_short(&buffer, message->account, narrator->account),
                    message->text);
}

static void narrate_unencrypted(narrator_t *narrator)
{
    const mod_mls_message_t *message = &narrator->event->u.message;

    chat_output_say(narrator->output, CHAT_TONE_WARNING, "%s NOT ENCRYPTED, sender unproven: <%s> %s",
                    narrator->room, message->nick, message->text);
}

static void narrate_unreadable(narrator_t *narrator)
{
    const mod_mls_unreadable_info_t *unreadable = &narrator->event->u.unreadable;
    chat_name_t buffer;

    chat_output_say(
        narrator->output, CHAT_TONE_WARNING, "%s a message%s%s cannot be read: %s", narrator->room,
        unreadable->account == NULL ? "" : " of ",
        unreadable->account == NULL ? "" : chat_name_short(&buffer, unreadable->account, narrator->account),
        unreadable->text);
}

static void narrate_invitation(narrator_t *narrator)
{
    const mod_mls_invitation_t *invitation = &narrator->event->u.invitation;
    chat_name_t buffer;

    chat_output_say(narrator->output, CHAT_TONE_GOOD,
                    "%s invites you to %s%s%s%s. Type /accept %s or /decline %s.",
                    chat_name_short(&buffer, invitation->inviter, narrator->account), narrator->room,
                    invitation->name[0] == '\0' ? "" : " (", invitation->name,
                    invitation->name[0] == '\0' ? "" : ")", narrator->room, narrator->room);
}

/* "<room> <account> <what>[ by <by>]" */
static void narrate_member(narrator_t *narrator, chat_tone_t tone, const char *what)
{
    const mod_mls_member_info_t *member = &narrator->event->u.member;
    bool has_by = member->by != NULL && strcmp(member->by, member->account) != 0;
    chat_name_t account, by;

    chat_output_say(narrator->output, tone, "%s %s %s%s%s", narrator->room,
                    chat_name_short(&account, member->account, narrator->account), what, has_by ? " by " : "",
                    has_by ? chat_name_short(&by, member->by, narrator->account) : "");
}

static void narrate_changed(narrator_t *narrator)
{
    chat_name_t buffer;

    chat_output_say(narrator->output, CHAT_TONE_EVENT, "%s: %s changed the room's settings", narrator->room,
                    chat_name_short(&buffer, narrator->event->u.member.by, narrator->account));
}

static void narrate_epoch(narrator_t *narrator, chat_tone_t tone, const char *what)
{
    const mod_mls_epoch_info_t *info = &narrator->event->u.epoch;
    chat_number_t epoch = chat_number(info->epoch), num_members = chat_number(info->num_members);

    chat_output_say(narrator->output, tone, "%s %s %s: epoch %s, %s device%s", lock_sign(narrator->output),
                    narrator->room, what, epoch.text, num_members.text, info->num_members == 1 ? "" : "s");
}

static void narrate_device(narrator_t *narrator)
{
    const mod_mls_device_t *device = &narrator->event->u.device;
    chat_name_t buffer;

    chat_output_say(narrator->output, CHAT_TONE_WARNING, "%s has a device not seen before, '%s': %s",
                    chat_name_short(&buffer, device->account, narrator->account), device->label,
                    device->fingerprint);
}

static void narrate_error(narrator_t *narrator, chat_tone_t tone)
{
    const mod_mls_error_info_t *error = &narrator->event->u.error;
    bool has_account = error->account != NULL;
    chat_name_t buffer;

    chat_output_say(narrator->output, tone, "%s%s%s%s%s%s", narrator->room,
                    narrator->room[0] == '\0' ? "" : ": ",
                    has_account ? chat_name_short(&buffer, error->account, narrator->account) : "",
                    has_account ? ": " : "", error->text,
                    tone == CHAT_TONE_ERROR && error->status == MLS_ERR_NOMEM ? " (out of memory)" : "");
}

static void narrate_membership(narrator_t *narrator)
{
    switch ((int)narrator->event->type) {
    case MOD_MLS_EVENT_MEMBER_ADDED:
        narrate_member(narrator, CHAT_TONE_EVENT, "was added");
        break;
    case MOD_MLS_EVENT_MEMBER_REMOVED:
        narrate_member(narrator, CHAT_TONE_EVENT, "was removed");
        break;
    case MOD_MLS_EVENT_MEMBER_LEFT:
        narrate_member(narrator, CHAT_TONE_EVENT, "has left");
        break;
    case MOD_MLS_EVENT_MEMBER_HEARD:
        narrate_member(narrator, CHAT_TONE_EVENT, "has joined");
        break;
    case MOD_MLS_EVENT_REMOVED:
        narrate_member(narrator, CHAT_TONE_WARNING, "(you) were removed");
        break;
    default:
        narrate_changed(narrator);
        break;
    }
}

static void narrate_room(narrator_t *narrator)
{
    switch ((int)narrator->event->type) {
    case MOD_MLS_EVENT_JOINED:
        narrate_epoch(narrator, CHAT_TONE_GOOD, "is end-to-end encrypted, and you are in it");
        break;
    case MOD_MLS_EVENT_EPOCH:
        narrate_epoch(narrator, CHAT_TONE_EVENT, "has new keys");
        break;
    case MOD_MLS_EVENT_WENT_BACK:
        narrate_epoch(narrator, CHAT_TONE_WARNING, "went back, as the room's archive has another order");
        break;
    case MOD_MLS_EVENT_LEFT:
        chat_output_say(narrator->output, CHAT_TONE_EVENT, "%s you have left; its keys are destroyed",
                        narrator->room);
        break;
    default:
        chat_output_say(narrator->output, CHAT_TONE_GOOD, "%s is configured as an encrypted room must be",
                        narrator->room);
        break;
    }
}

void chat_narrate_event(chat_output_t *output, const mod_mls_event_t *event, const char *account)
{
    narrator_t narrator = { .output = output, .event = event, .account = account };

    narrator.room = event->room == NULL ? "" : chat_name_short(&narrator.room_name, event->room, account);
    switch (event->type) {
    case MOD_MLS_EVENT_READY:
        chat_output_say(output, CHAT_TONE_GOOD,
                        "Your device's keys are published: others can invite you now.");
        break;
    case MOD_MLS_EVENT_MESSAGE:
        narrate_message(&narrator);
        break;
    case MOD_MLS_EVENT_UNENCRYPTED:
        narrate_unencrypted(&narrator);
        break;
    case MOD_MLS_EVENT_UNREADABLE:
        narrate_unreadable(&narrator);
        break;
    case MOD_MLS_EVENT_INVITATION:
        narrate_invitation(&narrator);
        break;
    case MOD_MLS_EVENT_MEMBER_ADDED:
    case MOD_MLS_EVENT_MEMBER_REMOVED:
    case MOD_MLS_EVENT_MEMBER_LEFT:
    case MOD_MLS_EVENT_MEMBER_HEARD:
    case MOD_MLS_EVENT_REMOVED:
    case MOD_MLS_EVENT_ROOM_CHANGED:
        narrate_membership(&narrator);
        break;
    case MOD_MLS_EVENT_JOINED:
    case MOD_MLS_EVENT_EPOCH:
    case MOD_MLS_EVENT_WENT_BACK:
    case MOD_MLS_EVENT_LEFT:
    case MOD_MLS_EVENT_ROOM_VERIFIED:
        narrate_room(&narrator);
        break;
    case MOD_MLS_EVENT_NEW_DEVICE:
        narrate_device(&narrator);
        break;
    case MOD_MLS_EVENT_ROOM_UNSAFE:
    case MOD_MLS_EVENT_WARNING:
        narrate_error(&narrator, CHAT_TONE_WARNING);
        break;
    case MOD_MLS_EVENT_ERROR:
        narrate_error(&narrator, CHAT_TONE_ERROR);
        break;
    case MOD_MLS_EVENT_DELIVERED: /* the message has been shown when it was written */
    case MOD_MLS_EVENT_PROGRESS:  /* in the prompt */
        break;
    }
}
