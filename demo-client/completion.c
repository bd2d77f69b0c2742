#define _POSIX_C_SOURCE 200809L

#include "completion.h"

#include "commands.h"

#include <stdlib.h>
#include <string.h>

typedef struct collection {
    chat_t *chat;
    size_t num;
} collection_t;

static void collect(collection_t *collection, const char *word)
{
    char **completions = collection->chat->completions;

    for (size_t i = 0; i < collection->num; i++)
        if (strcmp(completions[i], word) == 0)
            return;
    if (collection->num == CHAT_COMPLETIONS_MAX || (completions[collection->num] = strdup(word)) == NULL)
        return;
    collection->num++;
}

static void collect_jid(collection_t *collection, const char *jid)
{
    chat_name_t buffer;

    collect(collection, chat_name_short(&buffer, jid, collection->chat->options.account));
}

static void collect_commands(collection_t *collection)
{
    chat_argument_t ignored;
    const char *name;

    for (size_t i = 0; (name = chat_command_name(i, &ignored)) != NULL; i++)
        collect(collection, name);
}

static void collect_room(void *arg, const mod_mls_room_info_t *room)
{
    collect_jid(arg, room->room);
}

static void collect_member(void *arg, const mod_mls_member_t *member)
{
    collect_jid(arg, member->account);
}

static chat_argument_t argument_of(const char *line)
{
    size_t len = strcspn(line, " ");
    chat_argument_t argument = CHAT_ARGUMENT_NONE;
    const char *name;

    for (size_t i = 0; (name = chat_command_name(i, &argument)) != NULL; i++)
        if (strlen(name) == len && strncmp(name, line, len) == 0)
            return argument;
    return CHAT_ARGUMENT_NONE;
}

static void collect_arguments(collection_t *collection, const char *line)
{
    chat_t *chat = collection->chat;

    switch (argument_of(line)) {
    case CHAT_ARGUMENT_ROOM:
        mod_mls_rooms(chat_core(chat), collect_room, collection);
        break;
    case CHAT_ARGUMENT_ACCOUNT:
        if (mod_mls_room_members(chat_core(chat), chat->room.text, collect_member, collection) != MLS_OK)
            break; /* no current room: nothing to offer */
        break;
    case CHAT_ARGUMENT_COMMAND:
        collect_commands(collection);
        break;
    case CHAT_ARGUMENT_NONE:
        break;
    }
}

void chat_completion_clear(chat_t *chat)
{
    for (size_t i = 0; i < CHAT_COMPLETIONS_MAX; i++) {
        free(chat->completions[i]);
        chat->completions[i] = NULL;
    }
}

size_t chat_completion_find(void *arg, const char *line, const char *words[])
{
    collection_t collection = { .chat = arg };

    chat_completion_clear(collection.chat);
    if (line[0] != '/')
        return 0;
    if (strchr(line, ' ') == NULL)
        collect_commands(&collection);
    else
        collect_arguments(&collection, line);
    for (size_t i = 0; i < collection.num; i++)
        words[i] = collection.chat->completions[i];
    return collection.num;
}
