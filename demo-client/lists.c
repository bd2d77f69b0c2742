#define _XOPEN_SOURCE 700

#include "lists.h"

#include <string.h>
#include <time.h>

static const char *digit(bool is_set)
{
    return is_set ? "1" : "0";
}

static void list_room(void *arg, const mod_mls_room_info_t *room)
{
    chat_t *chat = arg;
    chat_number_t epoch = chat_number(room->epoch), num_members = chat_number(room->num_members);
    chat_number_t num_outgoing = chat_number(room->num_outgoing);
    bool is_current = strcmp(room->room, chat->room.text) == 0;
    chat_name_t buffer;

    CHAT_OUTPUT_REPORT(&chat->output, "room", { "room", room->room }, { "name", room->name },
                       { "state", mod_mls_room_state_name(room->state) }, { "epoch", epoch.text },
                       { "settled", digit(room->is_settled) }, { "devices", num_members.text },
                       { "outgoing", num_outgoing.text }, { "admin", digit(room->is_admin) },
                       { "inviter", room->inviter }, { "current", digit(is_current) });
    chat_output_say(&chat->output, CHAT_TONE_PLAIN, "%s %s%s%s  %s, epoch %s%s, %s device%s%s%s%s",
                    is_current ? "*" : " ", chat_name_short(&buffer, room->room, chat->options.account),
                    room->name[0] == '\0' ? "" : "  ", room->name, mod_mls_room_state_name(room->state),
                    epoch.text, room->is_settled ? "" : " (not settled yet)", num_members.text,
                    room->num_members == 1 ? "" : "s", room->is_admin ? ", you are an admin" : "",
                    room->inviter == NULL ? "" : ", invited by ", room->inviter == NULL ? "" : room->inviter);
}

void chat_list_rooms(chat_t *chat)
{
    mod_mls_rooms(chat_core(chat), list_room, chat);
}

static void list_member(void *arg, const mod_mls_member_t *member)
{
    chat_t *chat = arg;
    chat_number_t leaf = chat_number(member->leaf_index);

    CHAT_OUTPUT_REPORT(&chat->output, "member", { "account", member->account },
                       { "device", member->device_id }, { "leaf", leaf.text },
                       { "own", digit(member->is_own) }, { "admin", digit(member->is_admin) },
                       { "joined", digit(member->has_joined) });
    chat_output_say(&chat->output, CHAT_TONE_PLAIN, "  %s  device %s%s%s%s", member->account,
                    member->device_id, member->is_own ? " (this one)" : "", member->is_admin ? ", admin" : "",
                    member->has_joined ? "" : ", has not joined yet");
}

mls_status_t chat_list_members(chat_t *chat, const char *room)
{
    return mod_mls_room_members(chat_core(chat), room, list_member, chat);
}

static void list_device(void *arg, const mod_mls_device_t *device)
{
    chat_t *chat = arg;
    time_t seconds = (time_t)(device->created / 1000);
    struct tm local;
    char created[16] = "";

    if (localtime_r(&seconds, &local) != NULL)
        strftime(created, sizeof created, "%Y-%m-%d", &local);
    CHAT_OUTPUT_REPORT(&chat->output, "device", { "account", device->account },
                       { "device", device->device_id }, { "fingerprint", device->fingerprint },
                       { "label", device->label }, { "created", created }, { "own", digit(device->is_own) },
                       { "verified", digit(device->is_verified) });
    chat_output_say(&chat->output, CHAT_TONE_PLAIN, "  %s  '%s', since %s%s%s", device->device_id,
                    device->label, created, device->is_own ? ", this device" : "",
                    device->is_verified ? ", verified" : ", not verified");
    chat_output_say(&chat->output, CHAT_TONE_PLAIN, "    %s", device->fingerprint);
}

mls_status_t chat_list_devices(chat_t *chat, const char *account)
{
    return mod_mls_devices(chat_core(chat), account, list_device, chat);
}

mls_status_t chat_show_epoch(chat_t *chat, const char *room)
{
    mod_mls_epoch_info_t info;
    mls_status_t status = mod_mls_room_epoch(chat_core(chat), &info, room);
    chat_number_t epoch, num_members;

    if (status != MLS_OK)
        return status;
    epoch = chat_number(info.epoch);
    num_members = chat_number(info.num_members);
    CHAT_OUTPUT_REPORT(&chat->output, "epoch-now", { "room", room }, { "epoch", epoch.text },
                       { "devices", num_members.text }, { "authenticator", info.authenticator },
                       { "code", info.code });
    chat_output_say(&chat->output, CHAT_TONE_PLAIN,
                    "Epoch %s, %s device%s. Whoever sees the same code is in the same conversation:",
                    epoch.text, num_members.text, info.num_members == 1 ? "" : "s");
    chat_output_say(&chat->output, CHAT_TONE_PLAIN, "  %s", info.code);
    return MLS_OK;
}

void chat_show_fingerprint(chat_t *chat)
{
    mod_mls_device_t device;

    mod_mls_own_device(chat_core(chat), &device);
    CHAT_OUTPUT_REPORT(&chat->output, "fingerprint", { "account", chat->options.account },
                       { "device", device.device_id }, { "fingerprint", device.fingerprint },
                       { "label", device.label });
    chat_output_say(&chat->output, CHAT_TONE_PLAIN,
                    "Your device %s, '%s'. Its fingerprint, to be compared:", device.device_id, device.label);
    chat_output_say(&chat->output, CHAT_TONE_PLAIN, "  %s", device.fingerprint);
}
