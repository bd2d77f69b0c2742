#include "names.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Where a server's rooms are by custom; a room elsewhere is named in full. */
#define ROOM_SERVICE "conference."

static const char *domain_of(const char *jid)
{
    const char *at = strchr(jid, '@');

    return at == NULL ? jid : at + 1;
}

static bool is_own_domain(const char *domain, const char *own)
{
    size_t len = strlen(ROOM_SERVICE);

    return strcmp(domain, own) == 0 ||
           (strncmp(domain, ROOM_SERVICE, len) == 0 && strcmp(domain + len, own) == 0);
}

const char *chat_name_short(chat_name_t *buffer, const char *jid, const char *account)
{
    const char *at = jid == NULL ? NULL : strchr(jid, '@');
    size_t len = at == NULL ? 0 : (size_t)(at - jid);

    if (jid == NULL)
        return "somebody";
    if (len == 0 || len >= sizeof buffer->text || !is_own_domain(at + 1, domain_of(account)))
        return jid;
    memcpy(buffer->text, jid, len);
    buffer->text[len] = '\0';
    return buffer->text;
}

static const char *complete(chat_name_t *buffer, const char *name, const char *service, const char *account)
{
    bool is_complete = strchr(name, '@') != NULL;
    int len = snprintf(buffer->text, sizeof buffer->text, "%s%s%s%s", name, is_complete ? "" : "@",
                       is_complete ? "" : service, is_complete ? "" : domain_of(account));

    return name[0] == '\0' || len < 0 || (size_t)len >= sizeof buffer->text ? NULL : buffer->text;
}

const char *chat_name_account(chat_name_t *buffer, const char *name, const char *account)
{
    return complete(buffer, name, "", account);
}

const char *chat_name_room(chat_name_t *buffer, const char *name, const char *account)
{
    return complete(buffer, name, ROOM_SERVICE, account);
}
