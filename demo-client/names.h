/* names.h -- JIDs as people write them: short where they belong to the user's own server. */
#ifndef CHAT_NAMES_H
#define CHAT_NAMES_H

#define CHAT_NAME_MAX 2048 /* bytes of a bare JID and its terminating zero */

typedef struct chat_name {
    char text[CHAT_NAME_MAX];
} chat_name_t;

/* `jid` without its domain where that is the one of `account`, or `conference.` and that; else all of it. The
 * result is `jid` itself or in `*buffer`. A NULL `jid` gives "somebody". */
const char *chat_name_short(chat_name_t *buffer, const char *jid, const char *account);

/* The reverse: completes a name without a domain. NULL: too long, or empty. */
const char *chat_name_account(chat_name_t *buffer, const char *name, const char *account);
const char *chat_name_room(chat_name_t *buffer, const char *name, const char *account);

#endif
