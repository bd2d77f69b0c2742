/* options.h -- the command line. */
#ifndef CHAT_OPTIONS_H
#define CHAT_OPTIONS_H

#include "exit_status.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct chat_options {
    char *account;             /* bare JID */
    const char *server;        /* NULL: found by the account's domain */
    uint16_t port;             /* 0: the default */
    const char *ca_file;       /* NULL: the system's certificates */
    const char *password_file; /* NULL: not given */
    int password_fd;           /* -1: not given */
    const char *script;        /* NULL: none; "-": standard input */
    const char *label;         /* of this device, published */
    int64_t join_commit_delay; /* seconds; -1: the default of mod_mls */
    int64_t settle_delay;      /* seconds; -1: the default of mod_mls */
    bool keeps_membership;     /* whom one removes stays on the MUC's member list */
    bool is_verbose;           /* mod_mls's log on standard error */
} chat_options_t;

/* Reads the arguments. False: the program ends now with `*exit_status`, and what is to be said has been said
 * (help, version, what is wrong). The strings are those of `argv`, except `account`, which
 * chat_options_clear() frees. */
bool chat_options_read(chat_options_t *options, chat_exit_t *exit_status, int argc, char *argv[]);
void chat_options_clear(chat_options_t *options);

#endif
