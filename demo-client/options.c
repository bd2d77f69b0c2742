#define _POSIX_C_SOURCE 200809L

#include "options.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TRY_HELP "Try `mls-chat --help`.\n"
#define JID_MAX 2047 /* bytes of a bare JID */
#define SECONDS_MAX (366LL * 24 * 3600)

enum {
    OPTION_CA_FILE = 256,
    OPTION_HELP,
    OPTION_JOIN_COMMIT_DELAY,
    OPTION_KEEP_MEMBERSHIP,
    OPTION_LABEL,
    OPTION_PASSWORD_FD,
    OPTION_PASSWORD_FILE,
    OPTION_PORT,
    OPTION_SCRIPT,
    OPTION_SERVER,
    OPTION_SETTLE_DELAY,
    OPTION_VERBOSE,
    OPTION_VERSION
};

static const struct option OPTIONS[] = {
    { "ca-file", required_argument, NULL, OPTION_CA_FILE },
    { "help", no_argument, NULL, OPTION_HELP },
    { "join-commit-delay", required_argument, NULL, OPTION_JOIN_COMMIT_DELAY },
    { "keep-membership", no_argument, NULL, OPTION_KEEP_MEMBERSHIP },
    { "label", required_argument, NULL, OPTION_LABEL },
    { "password-fd", required_argument, NULL, OPTION_PASSWORD_FD },
    { "password-file", required_argument, NULL, OPTION_PASSWORD_FILE },
    { "port", required_argument, NULL, OPTION_PORT },
    { "script", required_argument, NULL, OPTION_SCRIPT },
    { "server", required_argument, NULL, OPTION_SERVER },
    { "settle-delay", required_argument, NULL, OPTION_SETTLE_DELAY },
    { "verbose", no_argument, NULL, OPTION_VERBOSE },
    { "version", no_argument, NULL, OPTION_VERSION },
    { NULL, 0, NULL, 0 },
};

static const char HELP[] =
    "Usage: mls-chat [OPTION]... JID\n"
    "Chat in XMPP rooms, end-to-end encrypted with Messaging Layer Security (RFC 9420).\n"
    "\n"
    "  JID                    your account, for example alice@example.org\n"
    "\n"
    "Connection\n"
    "  --server HOST          connect to this host instead of looking the domain up\n"
    "  --port N               connect to this port (default 5222)\n"
    "  --ca-file FILE         trust the certificate authorities in this PEM file\n"
    "\n"
    "Password (asked for if none of these is given)\n"
    "  --password-file FILE   read it from the first line of FILE, which only you may read\n"
    "  --password-fd N        read it from the first line of file descriptor N\n"
    "\n"
    "Without a terminal\n"
    "  --script FILE          read commands and messages from FILE (- for standard input) and write one "
    "line\n"
    "                         for each event; so does mls-chat when standard input is not a terminal.\n"
    "                         A line is `event name=\"value\"...`; demo-client/SCRIPTING.md lists them all.\n"
    "\n"
    "Other\n"
    "  --label TEXT           what your contacts see as the name of this device (default: mls-chat)\n"
    "  --join-commit-delay S  refresh the keys at most S seconds after joining a room (default: a day)\n"
    "  --settle-delay S       look twice at each change of a room, S seconds apart (default: 10)\n"
    "  --keep-membership      leave whom you remove on the room's member list: they get what they cannot "
    "read\n"
    "  --verbose              write what happens inside to standard error\n"
    "  --help, --version      show this, or the version, and exit\n"
    "\n"
    "In the client, /help lists the commands. The keys and the messages that still wait are kept in\n"
    "$XDG_DATA_HOME/mls-chat/JID/ (default ~/.local/share); who has that folder can read what you can read.\n"
    "NO_COLOR in the environment turns colours off.\n"
    "\n"
    "Exit status\n"
    "  0  as you asked            4  the server cannot be reached\n"
    "  1  something else failed   5  the server's certificate is not trusted\n"
    "  2  wrong options           6  the account's data cannot be opened, or is open in another mls-chat\n"
    "  3  wrong account or password   7  a /wait of a script timed out\n";

static bool read_number(int64_t *out, const char *name, const char *text, int64_t max)
{
    char *end = NULL;
    long long value;

    errno = 0;
    value = strtoll(text, &end, 10);
    if (!isdigit((unsigned char)text[0]) || *end != '\0' || errno != 0 || value > max) {
        fprintf(stderr, "mls-chat: --%s wants a number from 0 to %lld\n" TRY_HELP, name, (long long)max);
        return false;
    }
    *out = value;
    return true;
}

static bool read_port(chat_options_t *options, const char *text)
{
    int64_t port = 0;

    if (!read_number(&port, "port", text, UINT16_MAX))
        return false;
    options->port = (uint16_t)port;
    return true;
}

static bool read_password_fd(chat_options_t *options, const char *text)
{
    int64_t fd = 0;

    if (!read_number(&fd, "password-fd", text, INT_MAX))
        return false;
    options->password_fd = (int)fd;
    return true;
}

static bool end(chat_exit_t *exit_status, chat_exit_t status)
{
    *exit_status = status;
    return false;
}

static bool complain(chat_exit_t *exit_status, const char *what)
{
    if (what != NULL)
        fprintf(stderr, "mls-chat: %s\n", what);
    fputs(TRY_HELP, stderr);
    return end(exit_status, CHAT_EXIT_USAGE);
}

/* One option. False: the program ends, `*exit_status` says how. */
static bool take_option(chat_options_t *options, chat_exit_t *exit_status, int option)
{
    *exit_status = CHAT_EXIT_USAGE;
    switch (option) {
    case OPTION_SERVER:
        options->server = optarg;
        return true;
    case OPTION_CA_FILE:
        options->ca_file = optarg;
        return true;
    case OPTION_PASSWORD_FILE:
        options->password_file = optarg;
        return true;
    case OPTION_SCRIPT:
        options->script = optarg;
        return true;
    case OPTION_LABEL:
        options->label = optarg;
        return true;
    case OPTION_KEEP_MEMBERSHIP:
        options->keeps_membership = true;
        return true;
    case OPTION_VERBOSE:
        options->is_verbose = true;
        return true;
    case OPTION_PORT:
        return read_port(options, optarg);
    case OPTION_PASSWORD_FD:
        return read_password_fd(options, optarg);
    case OPTION_JOIN_COMMIT_DELAY:
        return read_number(&options->join_commit_delay, "join-commit-delay", optarg, SECONDS_MAX);
    case OPTION_SETTLE_DELAY:
        return read_number(&options->settle_delay, "settle-delay", optarg, SECONDS_MAX);
    case OPTION_HELP:
        fputs(HELP, stdout);
        return end(exit_status, CHAT_EXIT_OK);
    case OPTION_VERSION:
        puts("mls-chat " MLS_CHAT_VERSION);
        return end(exit_status, CHAT_EXIT_OK);
    default:
        return complain(exit_status, NULL); /* getopt has said what is wrong */
    }
}

/* Coarse: what cannot be an account's bare JID. The server knows the rest of RFC 7622. */
static bool is_account(const char *jid)
{
    const char *at = strchr(jid, '@');

    if (at == NULL || at == jid || at[1] == '\0' || strchr(at + 1, '@') != NULL || strlen(jid) > JID_MAX)
        return false;
    for (const char *character = jid; *character != '\0'; character++)
        if ((unsigned char)*character <= ' ' || strchr("/\"&'<>\x7f", *character) != NULL)
            return false;
    return true;
}

/* RFC 7622 maps both parts to lower case; JIDs are compared byte for byte afterwards. */
static bool take_account(chat_options_t *options, chat_exit_t *exit_status, const char *jid)
{
    if (!is_account(jid))
        return complain(exit_status, "the account must be a JID such as alice@example.org");
    options->account = strdup(jid);
    if (options->account == NULL)
        return end(exit_status, CHAT_EXIT_FAILURE);
    for (char *character = options->account; *character != '\0'; character++)
        if (*character >= 'A' && *character <= 'Z')
            *character = (char)(*character - 'A' + 'a');
    return true;
}

bool chat_options_read(chat_options_t *options, chat_exit_t *exit_status, int argc, char *argv[])
{
    int option;

    *options = (chat_options_t){
        .password_fd = -1, .label = "mls-chat", .join_commit_delay = -1, .settle_delay = -1
    };
    while ((option = getopt_long(argc, argv, "", OPTIONS, NULL)) != -1)
        if (!take_option(options, exit_status, option))
            return false;
    if (optind + 1 != argc)
        return complain(exit_status, optind == argc ? "which account?" : "one account, please");
    if (options->password_file != NULL && options->password_fd >= 0)
        return complain(exit_status, "--password-file or --password-fd, not both");
    return take_account(options, exit_status, argv[optind]);
}

void chat_options_clear(chat_options_t *options)
{
    free(options->account);
    options->account = NULL;
}
