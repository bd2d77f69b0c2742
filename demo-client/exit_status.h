/* exit_status.h -- what mls-chat's exit status says; part of its interface, see `mls-chat --help`. */
#ifndef CHAT_EXIT_STATUS_H
#define CHAT_EXIT_STATUS_H

typedef enum chat_exit {
    CHAT_EXIT_OK = 0,
    CHAT_EXIT_FAILURE = 1,     /* out of memory, a file that cannot be read, … */
    CHAT_EXIT_USAGE = 2,       /* wrong options */
    CHAT_EXIT_PASSWORD = 3,    /* the server refuses account or password */
    CHAT_EXIT_CONNECTION = 4,  /* the server cannot be reached, or ended the connection for good */
    CHAT_EXIT_CERTIFICATE = 5, /* the server's certificate is not trusted, or it has no TLS */
    CHAT_EXIT_STORE = 6,       /* the account's data cannot be opened, or another mls-chat has it open */
    CHAT_EXIT_WAIT = 7         /* a /wait of a script timed out */
} chat_exit_t;

#endif
