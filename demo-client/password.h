/* password.h -- where the account's password comes from: never from the arguments, which everybody can see.
 */
#ifndef CHAT_PASSWORD_H
#define CHAT_PASSWORD_H

#include <stdbool.h>

#define CHAT_PASSWORD_MAX 1024 /* bytes with the terminating zero */

typedef struct chat_password {
    char text[CHAT_PASSWORD_MAX];
} chat_password_t;

/* Reads the first line of `file` if it is not NULL, else of descriptor `fd` if it is not negative, else asks
 * on the terminal, without an echo. False: there is none, and standard error says why. */
bool chat_password_read(chat_password_t *password, const char *account, const char *file, int fd);

void chat_password_wipe(chat_password_t *password);

#endif
