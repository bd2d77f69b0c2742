#include "report.h"

static const char *flag(unsigned flags, unsigned one)
{
    return (flags & one) != 0 ? "1" : "0";
}

static void report_message(chat_output_t *output, const char *name, const mod_mls_event_t *event)
{
    const mod_mls_message_t *message = &event->u.message;
    chat_number_t epoch = chat_number(message->epoch);

    CHAT_OUTPUT_REPORT(output, name, { "room", event->room }, { "from", message->account },
                       { "nick", message->nick }, { "own", flag(message->flags, MOD_MLS_MESSAGE_OWN) },
                       { "sending", flag(message->flags, MOD_MLS_MESSAGE_SENDING) },
                       { "archive", flag(message->flags, MOD_MLS_MESSAGE_FROM_ARCHIVE) },
                       { "late", flag(message->flags, MOD_MLS_MESSAGE_LATE) }, { "epoch", epoch.text },
                       { "origin-id", message->origin_id }, { "stanza-id", message->stanza_id },
                       { "text", message->text });
}

static void report_unreadable(chat_output_t *output, const char *name, const mod_mls_event_t *event)
{
    const mod_mls_unreadable_info_t *unreadable = &event->u.unreadable;
    chat_number_t epoch = chat_number(unreadable->epoch);

    CHAT_OUTPUT_REPORT(output, name, { "room", event->room },
                       { "reason", mod_mls_unreadable_name(unreadable->reason) },
                       { "from", unreadable->account }, { "epoch", epoch.text },
                       { "stanza-id", unreadable->stanza_id }, { "text", unreadable->text });
}

static void report_invitation(chat_output_t *output, const char *name, const mod_mls_event_t *event)
{
    const mod_mls_invitation_t *invitation = &event->u.invitation;

    CHAT_OUTPUT_REPORT(output, name, { "room", event->room }, { "inviter", invitation->inviter },
                       { "from", invitation->from }, { "name", invitation->name });
}

static void report_member(chat_output_t *output, const char *name, const mod_mls_event_t *event)
{
    const mod_mls_member_info_t *member = &event->u.member;
    chat_number_t epoch = chat_number(member->epoch);

    CHAT_OUTPUT_REPORT(output, name, { "room", event->room }, { "account", member->account },
                       { "device", member->device_id }, { "by", member->by }, { "epoch", epoch.text });
}

static void report_epoch(chat_output_t *output, const char *name, const mod_mls_event_t *event)
{
    const mod_mls_epoch_info_t *info = &event->u.epoch;
    chat_number_t epoch = chat_number(info->epoch), num_members = chat_number(info->num_members);

    CHAT_OUTPUT_REPORT(output, name, { "room", event->room }, { "epoch", epoch.text },
                       { "devices", num_members.text }, { "authenticator", info->authenticator },
                       { "code", info->code });
}

static void report_progress(chat_output_t *output, const char *name, const mod_mls_event_t *event)
{
    chat_number_t done = chat_number(event->u.progress.done), total = chat_number(event->u.progress.total);

    CHAT_OUTPUT_REPORT(output, name, { "room", event->room }, { "what", event->u.progress.what },
                       { "done", done.text }, { "total", total.text });
}

static void report_device(chat_output_t *output, const char *name, const mod_mls_event_t *event)
{
    const mod_mls_device_t *device = &event->u.device;

    CHAT_OUTPUT_REPORT(output, name, { "account", device->account }, { "device", device->device_id },
                       { "fingerprint", device->fingerprint }, { "label", device->label });
}

static void report_error(chat_output_t *output, const char *name, const mod_mls_event_t *event)
{
    const mod_mls_error_info_t *error = &event->u.error;

    CHAT_OUTPUT_REPORT(output, name, { "room", event->room }, { "reason", mod_mls_error_name(error->code) },
                       { "account", error->account },
                       { "cause", error->status == MLS_OK ? NULL : mls_status_text(error->status) },
                       { "text", error->text });
}

void chat_report_event(chat_output_t *output, const mod_mls_event_t *event)
{
    const char *name = mod_mls_event_name(event->type);

    switch (event->type) {
    case MOD_MLS_EVENT_MESSAGE:
    case MOD_MLS_EVENT_DELIVERED:
    case MOD_MLS_EVENT_UNENCRYPTED:
        report_message(output, name, event);
        break;
    case MOD_MLS_EVENT_UNREADABLE:
        report_unreadable(output, name, event);
        break;
    case MOD_MLS_EVENT_INVITATION:
        report_invitation(output, name, event);
        break;
    case MOD_MLS_EVENT_MEMBER_ADDED:
    case MOD_MLS_EVENT_MEMBER_REMOVED:
    case MOD_MLS_EVENT_MEMBER_LEFT:
    case MOD_MLS_EVENT_MEMBER_HEARD:
    case MOD_MLS_EVENT_REMOVED:
    case MOD_MLS_EVENT_ROOM_CHANGED:
        report_member(output, name, event);
        break;
    case MOD_MLS_EVENT_JOINED:
    case MOD_MLS_EVENT_EPOCH:
    case MOD_MLS_EVENT_WENT_BACK:
        report_epoch(output, name, event);
        break;
    case MOD_MLS_EVENT_PROGRESS:
        report_progress(output, name, event);
        break;
    case MOD_MLS_EVENT_NEW_DEVICE:
        report_device(output, name, event);
        break;
    case MOD_MLS_EVENT_ROOM_UNSAFE:
    case MOD_MLS_EVENT_WARNING:
    case MOD_MLS_EVENT_ERROR:
        report_error(output, name, event);
        break;
    case MOD_MLS_EVENT_READY:
    case MOD_MLS_EVENT_LEFT:
    case MOD_MLS_EVENT_ROOM_VERIFIED:
        CHAT_OUTPUT_REPORT(output, name, { "room", event->room });
        break;
    }
}
