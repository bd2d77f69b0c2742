#define _POSIX_C_SOURCE 200809L

#include "commands.h"

#include "lists.h"
#include "words.h"

#include <stdlib.h>
#include <string.h>

#define WAIT_DEFAULT_S 60
#define WAIT_MAX_S 86400

typedef struct command command_t;

/* One line that is being done. */
typedef struct request {
    chat_t *chat;
    const command_t *command;
    const char *line;
    chat_words_t words;
    const char *reason; /* of a failure that mod_mls knows nothing of; else NULL */
    const char *text;
} request_t;

struct command {
    const char *name;
    const char *arguments;
    const char *help;
    chat_argument_t completion;
    size_t min_words; /* with the command */
    mls_status_t (*run)(request_t *request);
};

/* ---- arguments -------------------------------------------------------------------------------- */

static mls_status_t fail(request_t *request, mls_status_t status, const char *reason, const char *text)
{
    request->reason = reason;
    request->text = text;
    return status;
}

/* The room that word `index` names, or the current one where there is no such word. NULL: none. */
static const char *room_argument(request_t *request, chat_name_t *buffer, size_t index)
{
    chat_t *chat = request->chat;
    const char *room = NULL;

    if (index < request->words.num)
        room = chat_find_room(chat, buffer, request->words.words[index]);
    else if (chat->room.text[0] != '\0')
        room = chat->room.text;
    if (room == NULL)
        (void)fail(request, MLS_ERR_NOT_FOUND, "no-such-room",
                   index < request->words.num ? "You have no such room; /rooms lists yours."
                                              : "Which room? Make one with /create, or choose with /switch.");
    return room;
}

static const char *account_argument(request_t *request, chat_name_t *buffer, size_t index)
{
    if (index >= request->words.num)
        return request->chat->options.account;
    return chat_name_account(buffer, request->words.words[index], request->chat->options.account);
}

/* A number of seconds; false: it is none. */
static bool seconds_argument(uint64_t *milliseconds, const char *word)
{
    char *end = NULL;
    double seconds = strtod(word, &end);

    if (end == word || *end != '\0' || !(seconds >= 0 && seconds <= WAIT_MAX_S))
        return false;
    *milliseconds = (uint64_t)(seconds * 1000);
    return true;
}

/* ---- rooms ------------------------------------------------------------------------------------ */

static mls_status_t run_create(request_t *request)
{
    mod_mls_room_options_t options = { .name = chat_words_rest(request->line, 2) };
    chat_name_t buffer;
    const char *room = chat_name_room(&buffer, request->words.words[1], request->chat->options.account);
    mls_status_t status;

    if (room == NULL)
        return MLS_ERR_ARGUMENT;
    status = mod_mls_room_create(chat_core(request->chat), room, &options);
    if (status == MLS_OK)
        chat_set_room(request->chat, room);
    return status;
}

/* What is done to an account in a room: /command ACCOUNT [ROOM]. */
static mls_status_t on_account(request_t *request,
                               mls_status_t (*act)(mod_mls_t *mls, const char *room, const char *account))
{
    chat_name_t account_buffer, room_buffer;
    const char *account = account_argument(request, &account_buffer, 1);
    const char *room = room_argument(request, &room_buffer, 2);

    if (account == NULL || room == NULL)
        return MLS_ERR_ARGUMENT;
    return act(chat_core(request->chat), room, account);
}

static mls_status_t run_invite(request_t *request)
{
    return on_account(request, mod_mls_room_invite);
}

static mls_status_t run_cancel(request_t *request)
{
    return on_account(request, mod_mls_room_cancel);
}

static mls_status_t run_remove(request_t *request)
{
    return on_account(request, mod_mls_room_remove);
}

/* The only invitation, where there is exactly one. */
typedef struct invitation_search {
    chat_name_t room;
    size_t num;
} invitation_search_t;

static void compare_invitation(void *arg, const mod_mls_room_info_t *info)
{
    invitation_search_t *search = arg;

    if (info->state != MOD_MLS_ROOM_INVITED)
        return;
    search->num++;
    memcpy(search->room.text, info->room, strnlen(info->room, sizeof search->room.text - 1) + 1);
}

static const char *invitation_argument(request_t *request, invitation_search_t *search)
{
    if (request->words.num > 1)
        return room_argument(request, &search->room, 1);
    mod_mls_rooms(chat_core(request->chat), compare_invitation, search);
    if (search->num == 1)
        return search->room.text;
    (void)fail(request, MLS_ERR_NOT_FOUND, "no-such-room",
               search->num == 0 ? "Nobody has invited you."
                                : "Into which room? /rooms lists the invitations.");
    return NULL;
}

static mls_status_t run_accept(request_t *request)
{
    invitation_search_t search = { 0 };
    const char *room = invitation_argument(request, &search);
    mls_status_t status;

    if (room == NULL)
        return MLS_ERR_NOT_FOUND;
    status = mod_mls_room_accept(chat_core(request->chat), room);
    if (status == MLS_OK)
        chat_set_room(request->chat, room);
    return status;
}

static mls_status_t run_decline(request_t *request)
{
    invitation_search_t search = { 0 };
    const char *room = invitation_argument(request, &search);

    return room == NULL ? MLS_ERR_NOT_FOUND : mod_mls_room_decline(chat_core(request->chat), room);
}

static mls_status_t run_leave(request_t *request)
{
    chat_name_t buffer;
    const char *room = room_argument(request, &buffer, 1);

    return room == NULL ? MLS_ERR_NOT_FOUND : mod_mls_room_leave(chat_core(request->chat), room);
}

static mls_status_t run_forget(request_t *request)
{
    chat_name_t buffer;
    const char *room = room_argument(request, &buffer, 1);
    mls_status_t status =
        room == NULL ? MLS_ERR_NOT_FOUND : mod_mls_room_forget(chat_core(request->chat), room);

    if (status == MLS_OK && strcmp(room, request->chat->room.text) == 0)
        chat_set_room(request->chat, "");
    return status;
}

static mls_status_t run_update(request_t *request)
{
    chat_name_t buffer;
    const char *room = room_argument(request, &buffer, 1);

    return room == NULL ? MLS_ERR_NOT_FOUND : mod_mls_room_update(chat_core(request->chat), room);
}

static mls_status_t run_switch(request_t *request)
{
    chat_name_t buffer;
    const char *room = room_argument(request, &buffer, 1);

    if (room == NULL)
        return MLS_ERR_NOT_FOUND;
    chat_set_room(request->chat, room);
    return MLS_OK;
}

/* ---- looking ---------------------------------------------------------------------------------- */

static mls_status_t run_rooms(request_t *request)
{
    chat_list_rooms(request->chat);
    return MLS_OK;
}

static mls_status_t run_members(request_t *request)
{
    chat_name_t buffer;
    const char *room = room_argument(request, &buffer, 1);

    return room == NULL ? MLS_ERR_NOT_FOUND : chat_list_members(request->chat, room);
}

static mls_status_t run_devices(request_t *request)
{
    chat_name_t buffer;
    const char *account = account_argument(request, &buffer, 1);
    mls_status_t status = account == NULL ? MLS_ERR_ARGUMENT : chat_list_devices(request->chat, account);

    if (status == MLS_ERR_NOT_FOUND)
        return fail(request, status, "no-devices", "No device of this account is known; invite it first.");
    return status;
}

static mls_status_t run_fingerprint(request_t *request)
{
    chat_show_fingerprint(request->chat);
    return MLS_OK;
}

static mls_status_t run_epoch(request_t *request)
{
    chat_name_t buffer;
    const char *room = room_argument(request, &buffer, 1);
    mls_status_t status = room == NULL ? MLS_ERR_NOT_FOUND : chat_show_epoch(request->chat, room);

    if (room != NULL && status == MLS_ERR_NOT_FOUND)
        return fail(request, status, "no-group", "You are not in this room's encrypted group.");
    return status;
}

static mls_status_t set_verified(request_t *request, bool is_verified)
{
    chat_name_t buffer;
    const char *account = account_argument(request, &buffer, 1);
    mls_status_t status = account == NULL ? MLS_ERR_ARGUMENT
                                          : mod_mls_device_verify(chat_core(request->chat), account,
                                                                  request->words.words[2], is_verified);

    if (status == MLS_ERR_NOT_FOUND)
        return fail(request, status, "no-devices", "There is no such device; /devices ACCOUNT lists them.");
    return status;
}

static mls_status_t run_verify(request_t *request)
{
    return set_verified(request, true);
}

static mls_status_t run_unverify(request_t *request)
{
    return set_verified(request, false);
}

/* ---- the client ------------------------------------------------------------------------------- */

static mls_status_t run_help(request_t *request);

static mls_status_t run_quit(request_t *request)
{
    request->chat->is_ending = true;
    return MLS_OK;
}

static mls_status_t run_sleep(request_t *request)
{
    uint64_t milliseconds = 0;

    if (!seconds_argument(&milliseconds, request->words.words[1]))
        return fail(request, MLS_ERR_ARGUMENT, "usage", "How many seconds?");
    if (request->chat->waits == NULL)
        return fail(request, MLS_ERR_STATE, "usage", "This is for scripts.");
    chat_waits_sleep(request->chat->waits, chat_clock_ms() + milliseconds);
    return MLS_OK;
}

static mls_status_t run_wait(request_t *request)
{
    uint64_t milliseconds = WAIT_DEFAULT_S * 1000;
    size_t num_before_fields = 2;

    if (request->chat->waits == NULL)
        return fail(request, MLS_ERR_STATE, "usage", "This is for scripts.");
    if (request->words.num > 2 && seconds_argument(&milliseconds, request->words.words[2]))
        num_before_fields = 3;
    if (!chat_waits_event(request->chat->waits, request->words.words[1],
                          request->words.words + num_before_fields, chat_clock_ms() + milliseconds))
        return MLS_ERR_NOMEM;
    return MLS_OK;
}

static const command_t COMMANDS[] = {
    { "/create", "NAME [TITLE]", "make an encrypted room", CHAT_ARGUMENT_NONE, 2, run_create },
    { "/invite", "ACCOUNT [ROOM]", "invite somebody, who may be offline", CHAT_ARGUMENT_ACCOUNT, 2,
      run_invite },
    { "/cancel", "ACCOUNT [ROOM]", "give up an invitation that is still pending", CHAT_ARGUMENT_ACCOUNT, 2,
      run_cancel },
    { "/accept", "[ROOM]", "accept an invitation", CHAT_ARGUMENT_ROOM, 1, run_accept },
    { "/decline", "[ROOM]", "decline an invitation", CHAT_ARGUMENT_ROOM, 1, run_decline },
    { "/rooms", "", "list your rooms and invitations", CHAT_ARGUMENT_NONE, 1, run_rooms },
    { "/switch", "ROOM", "write to this room from now on", CHAT_ARGUMENT_ROOM, 2, run_switch },
    { "/remove", "ACCOUNT [ROOM]", "remove somebody from the room", CHAT_ARGUMENT_ACCOUNT, 2, run_remove },
    { "/leave", "[ROOM]", "leave the room; its keys are destroyed", CHAT_ARGUMENT_ROOM, 1, run_leave },
    { "/forget", "[ROOM]", "take a room that you have left off the list", CHAT_ARGUMENT_ROOM, 1, run_forget },
    { "/members", "[ROOM]", "list who is in the room, by device", CHAT_ARGUMENT_ROOM, 1, run_members },
    { "/devices", "[ACCOUNT]", "list the devices of an account and their fingerprints", CHAT_ARGUMENT_ACCOUNT,
      1, run_devices },
    { "/fingerprint", "", "show the fingerprint of this device", CHAT_ARGUMENT_NONE, 1, run_fingerprint },
    { "/verify", "ACCOUNT DEVICE", "say that you have compared the fingerprint", CHAT_ARGUMENT_ACCOUNT, 3,
      run_verify },
    { "/unverify", "ACCOUNT DEVICE", "take that back", CHAT_ARGUMENT_ACCOUNT, 3, run_unverify },
    { "/epoch", "[ROOM]", "show the room's code, to be compared with the others'", CHAT_ARGUMENT_ROOM, 1,
      run_epoch },
    { "/update", "[ROOM]", "renew your keys in the room now", CHAT_ARGUMENT_ROOM, 1, run_update },
    { "/help", "[COMMAND]", "show this", CHAT_ARGUMENT_COMMAND, 1, run_help },
    { "/quit", "", "end; what still waits goes on next time", CHAT_ARGUMENT_NONE, 1, run_quit },
    { "/wait", "EVENT [SECONDS] [FIELD=\"VALUE\"]...", "scripts: go on when this line has been written",
      CHAT_ARGUMENT_NONE, 2, run_wait },
    { "/sleep", "SECONDS", "scripts: go on after this time", CHAT_ARGUMENT_NONE, 2, run_sleep },
};
#define NUM_COMMANDS (sizeof COMMANDS / sizeof *COMMANDS)

const char *chat_command_name(size_t index, chat_argument_t *argument)
{
    if (index >= NUM_COMMANDS)
        return NULL;
    *argument = COMMANDS[index].completion;
    return COMMANDS[index].name;
}

static mls_status_t run_help(request_t *request)
{
    chat_output_t *output = &request->chat->output;
    const char *wanted = request->words.num > 1 ? request->words.words[1] : "";

    for (size_t i = 0; i < NUM_COMMANDS; i++) {
        const command_t *command = &COMMANDS[i];

        if (strstr(command->name, wanted) == NULL)
            continue;
        CHAT_OUTPUT_REPORT(output, "help", { "command", command->name }, { "arguments", command->arguments },
                           { "text", command->help });
        chat_output_say(output, CHAT_TONE_PLAIN, "  %s %s%s%s", command->name, command->arguments,
                        command->arguments[0] == '\0' ? "- " : " - ", command->help);
    }
    chat_output_say(
        output, CHAT_TONE_PLAIN,
        "All else that you type goes, encrypted, to the current room. Begin with // for a text that "
        "begins with /. Tab completes, the arrows go back in the history.");
    return MLS_OK;
}

/* ---- one line --------------------------------------------------------------------------------- */

static mls_status_t run_text(request_t *request)
{
    chat_t *chat = request->chat;
    const char *text = request->line[0] == '/' ? request->line + 1 : request->line;
    mod_mls_error_t error = MOD_MLS_OK;

    if (chat->room.text[0] == '\0')
        return fail(request, MLS_ERR_NOT_FOUND, "no-such-room",
                    "To which room? Make one with /create, or choose with /switch.");
    switch (mod_mls_text_out(chat_core(chat), &error, chat->room.text, text)) {
    case MOD_MLS_SENT:
        return MLS_OK;
    case MOD_MLS_REFUSED:
        return fail(request, MLS_ERR_STATE, mod_mls_error_name(error), mod_mls_error_text(error));
    case MOD_MLS_NOT_MINE:
        break;
    }
    return fail(request, MLS_ERR_STATE, "not-encrypted",
                "This room is not encrypted, and mls-chat sends nothing in the clear.");
}

static const command_t TEXT = { "text", "", "", CHAT_ARGUMENT_NONE, 1, run_text };

static const command_t *find_command(const char *name)
{
    for (size_t i = 0; i < NUM_COMMANDS; i++)
        if (strcmp(COMMANDS[i].name, name) == 0)
            return &COMMANDS[i];
    return NULL;
}

bool chat_command_is_command(const char *line)
{
    return line[0] == '/' && line[1] != '/';
}

/* What mod_mls refuses it has told by an event already; `fail()` gives the rest its words. */
static void tell_result(const request_t *request, mls_status_t status)
{
    chat_output_t *output = &request->chat->output;
    const char *name = request->command == NULL ? request->words.words[0] : request->command->name;

    if (status == MLS_OK && request->chat->waits != NULL && chat_waits_is_busy(request->chat->waits))
        return; /* the loop tells when the wait is over */
    if (status == MLS_OK)
        CHAT_OUTPUT_REPORT(output, "done", { "command", name });
    else
        CHAT_OUTPUT_REPORT(output, "failed", { "command", name },
                           { "reason", request->reason != NULL ? request->reason : "status" },
                           { "cause", mls_status_text(status) }, { "text", request->text });
    if (status != MLS_OK && request->text != NULL)
        chat_output_say(output, CHAT_TONE_ERROR, "%s", request->text);
}

static mls_status_t run(request_t *request)
{
    bool is_command = chat_command_is_command(request->line);
    const command_t *command = is_command ? find_command(request->words.words[0]) : &TEXT;

    request->command = command;
    if (command == NULL)
        return fail(request, MLS_ERR_ARGUMENT, "unknown-command",
                    "There is no such command; /help lists them.");
    if (request->words.num < command->min_words) {
        chat_output_say(&request->chat->output, CHAT_TONE_ERROR, "%s %s", command->name, command->arguments);
        return fail(request, MLS_ERR_ARGUMENT, "usage", NULL);
    }
    return command->run(request);
}

void chat_command_run(chat_t *chat, const char *line)
{
    request_t request = { .chat = chat, .line = line };

    if (!chat_words_split(&request.words, line))
        return;
    if (request.words.num > 0)
        tell_result(&request, run(&request));
    chat_words_clear(&request.words);
    chat_update_prompt(chat);
}
